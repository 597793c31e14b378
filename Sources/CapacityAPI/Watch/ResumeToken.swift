internal import Capacity
internal import CupoSchema

/// What a watcher has been told up to: a position in the log, and the instant that time-driven changes are told up to.
struct ResumeToken: Equatable {
  var position: UInt64
  var asOf: Instant

  private static let version: UInt8 = 1
  private static let length = 1 + 8 + 8 + 8

  init(position: UInt64, asOf: Instant) {
    self.position = position
    self.asOf = asOf
  }

  /// Nil for bytes that were not given out for the same `request`.
  init?(_ bytes: [UInt8], for request: WatchAvailabilityRequest) {
    guard bytes.count == ResumeToken.length, bytes[0] == ResumeToken.version else { return nil }
    position = ResumeToken.integer(bytes[1..<9])
    asOf = Instant(microseconds: Int64(bitPattern: ResumeToken.integer(bytes[9..<17])))
    guard self.bytes(for: request) == bytes else { return nil }
  }

  func bytes(for request: WatchAvailabilityRequest) -> [UInt8] {
    var bytes = [ResumeToken.version]
    ResumeToken.append(position, &bytes)
    ResumeToken.append(UInt64(bitPattern: asOf.microseconds), &bytes)
    ResumeToken.append(ResumeToken.fingerprint(request, bytes), &bytes)
    return bytes
  }

  // FNV-1a over the filter and the token: a guard against mistakes, not against malice; the token opens no door.
  private static func fingerprint(
    _ request: WatchAvailabilityRequest, _ bytes: [UInt8]
  ) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ text: some Sequence<UInt8>) {
      for byte in text { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      hash = (hash ^ 0xFF) &* 0x100_0000_01b3
    }
    for id in request.productIDs { mix(id.utf8) }
    mix(request.sellerID.utf8)
    mix(request.fromDate.utf8)
    mix(request.toDate.utf8)
    mix(bytes)
    return hash
  }

  private static func append(_ value: UInt64, _ bytes: inout [UInt8]) {
    for shift in stride(from: 56, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
    }
  }

  private static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }
}
