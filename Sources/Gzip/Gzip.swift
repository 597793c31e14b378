internal import CZlib

/// gzip (RFC 1952) of whole messages, by zlib.
///
/// Not for streams. The one thing to know before changing it: what comes from a peer may inflate a thousandfold, so the
/// limit is kept while inflating, and memory grows with what has come out, never with what is promised.
package enum Gzip {
  /// What can be wrong with bytes to decompress.
  package enum Fault: Error, Equatable {
    /// They become longer than the limit.
    case tooLarge
    /// They are not one complete gzip member.
    case malformed
  }

  /// zlib's fastest: a network is seldom slower than its better levels.
  private static let level: Int32 = 1

  /// `bytes` as one gzip member.
  package static func compress(_ bytes: Span<UInt8>) -> [UInt8] {
    var stream = unsafe z_stream()
    guard unsafe cupo_gzip_deflate_init(&stream, level) == Z_OK else {
      preconditionFailure("zlib has no memory")
    }
    defer { unsafe deflateEnd(&stream) }
    let most = unsafe Int(deflateBound(&stream, UInt(bytes.count)))
    return unsafe bytes.withUnsafeBufferPointer { input in
      unsafe [UInt8](unsafeUninitializedCapacity: most) { output, count in
        unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        unsafe stream.avail_in = UInt32(input.count)
        unsafe stream.next_out = output.baseAddress
        unsafe stream.avail_out = UInt32(output.count)
        let result = unsafe deflate(&stream, Z_FINISH)
        precondition(result == Z_STREAM_END, "zlib wrote more than it had announced")
        count = unsafe Int(stream.total_out)
      }
    }
  }

  /// What `bytes` were before they were compressed, at most `bytesMax` bytes.
  package static func decompress(
    _ bytes: Span<UInt8>, bytesMax: Int
  ) throws(Fault) -> [UInt8] {
    var stream = unsafe z_stream()
    guard unsafe cupo_gzip_inflate_init(&stream) == Z_OK else {
      preconditionFailure("zlib has no memory")
    }
    defer { unsafe inflateEnd(&stream) }
    let result: Result<[UInt8], Fault> = unsafe bytes.withUnsafeBufferPointer { input in
      unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
      unsafe stream.avail_in = UInt32(input.count)
      return unsafe inflateAll(&stream, bytesMax)
    }
    return try result.get()
  }

  private static func inflateAll(
    _ stream: inout z_stream, _ bytesMax: Int
  ) -> Result<[UInt8], Fault> {
    var output: [UInt8] = []
    while true {
      // One byte more than allowed tells a message that just fits from one that does not.
      let room = min(max(output.count, pieceBytes), bytesMax + 1 - output.count)
      var result = Z_OK
      unsafe output += [UInt8](unsafeUninitializedCapacity: room) { piece, count in
        unsafe stream.next_out = piece.baseAddress
        unsafe stream.avail_out = UInt32(piece.count)
        result = unsafe inflate(&stream, Z_NO_FLUSH)
        count = unsafe piece.count - Int(stream.avail_out)
      }
      if output.count > bytesMax { return .failure(.tooLarge) }
      switch result {
      case Z_STREAM_END:
        return unsafe stream.avail_in == 0 ? .success(output) : .failure(.malformed)
      case Z_OK where unsafe stream.avail_out == 0: continue
      default: return .failure(.malformed)
      }
    }
  }

  private static let pieceBytes = 16 * 1_024
}
