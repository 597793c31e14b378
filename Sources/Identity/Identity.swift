// Identity is how a caller becomes somebody: it reads tokens and the names of certificates, checks them against keys, and
// answers with a principal or with why there is none. It is also where the keys come from, and where tokens of a server of
// one's own are made.
//
// It is not for what a principal may do: that is the access table's, in CapacityAPI/Access.
//
// Before changing it, know this: nothing is parsed before its size is known to be small, no claim is looked at before the
// signature is, and which algorithm checks a signature is the key's matter, never the token's.
