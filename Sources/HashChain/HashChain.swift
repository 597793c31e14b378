// HashChain ties the entries of the audit log together: the hash of each is over the hash of the one before it and its own
// bytes, so that none can be changed, taken out or put elsewhere without all that follow telling of it.
//
// It is not for keeping secrets or proving who wrote: whoever may write the whole log can make a new chain.
//
// Before changing it, know this: stores outlive programs. What `hash` answers for the same bytes never changes.

package import Capacity
internal import Crypto

/// The function that makes a chain of hashes.
package enum HashChain {
  /// SHA-256 (FIPS 180-4) over the 32 bytes of `previous` and `body`.
  package static func hash(after previous: AuditHash, _ body: [UInt8]) -> AuditHash {
    var digest = SHA256()
    digest.update(data: previous.bytes)
    digest.update(data: body)
    guard let hash = AuditHash(Array(digest.finalize())) else {
      preconditionFailure("SHA-256 has 32 bytes")
    }
    return hash
  }
}
