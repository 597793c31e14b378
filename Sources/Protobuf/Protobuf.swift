// The runtime under generated messages: between Swift values and libprotobuf-c, which does the
// encoding. Not for messages of one's own: those are CupoSchema and RPCSchema, generated from
// proto/. Before changing anything: this runs once or more for every call. No allocation besides
// the values themselves, no generics that other modules would call unspecialised, no Foundation;
// and C pointers end where their arena does.
