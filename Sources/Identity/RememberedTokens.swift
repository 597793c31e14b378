#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The tokens of one connection whose signatures were found to be right, by their bytes. It never leaves the connection's loop,
/// so asking it takes neither a lock nor a hop.
package final class RememberedTokens {
  /// Tokens at most; a newer one takes the place of an older one.
  static let tokensMax = 64
  /// Bytes of all of them at most.
  static let bytesMax = 64 * 1_024

  private struct Entry {
    let bytes: [UInt8]
    let principal: Principal
    let generation: UInt64
  }

  private var entries: [Entry?] = Array(repeating: nil, count: tokensMax)
  private(set) var bytes = 0

  package init() {}

  /// Who bears this token, if that was found out under the same keys.
  func find(_ token: Span<UInt8>, generation: UInt64) -> Principal? {
    guard let entry = entries[Self.place(token)], entry.generation == generation,
      Self.isEqual(entry.bytes.span, token)
    else { return nil }
    return entry.principal
  }

  func remember(_ token: [UInt8], _ principal: Principal, generation: UInt64) {
    let place = Self.place(token.span)
    bytes -= entries[place]?.bytes.count ?? 0
    entries[place] = nil
    if bytes + token.count > Self.bytesMax {
      entries = Array(repeating: nil, count: Self.tokensMax)
      bytes = 0
    }
    entries[place] = Entry(bytes: token, principal: principal, generation: generation)
    bytes += token.count
  }

  var count: Int { entries.count { $0 != nil } }

  // The end of a token is its signature, which is as good as random. Whoever makes tokens collide slows down nobody but the
  // own connection.
  private static func place(_ token: Span<UInt8>) -> Int {
    var hash: UInt32 = 2_166_136_261
    for index in max(0, token.count - 8)..<token.count {
      hash = (hash ^ UInt32(token[index])) &* 16_777_619
    }
    return Int((hash ^ hash >> 16) % UInt32(tokensMax))
  }

  private static func isEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    // By the C library: tokens have some hundred bytes, and every call compares one.
    return unsafe left.withUnsafeBytes { left in
      unsafe right.withUnsafeBytes { right in
        guard let one = left.baseAddress, let other = right.baseAddress else { return true }
        return unsafe memcmp(one, other, left.count) == 0
      }
    }
  }
}
