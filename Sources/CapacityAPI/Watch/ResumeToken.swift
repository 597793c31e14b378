internal import Capacity

/// What a watcher has been told up to. It says enough to go on after a restart: the log tells what changed since.
struct ResumeToken: Equatable, Sendable {
  /// The last event of the log that is in what was told.
  var position: UInt64
  /// Everything that time alone changed up to here was told.
  var asOf: Instant
  /// Of the store whose log it is; another store's positions mean nothing here.
  var store: UInt64
  /// Of the names of all slots that the watcher knows: see ``WatchPlan/fingerprint``.
  var names: UInt64

  // To be raised whenever a slot may be said in other words than before: who resumes is not told it again.
  private static let version: UInt8 = 2
  private static let length = 1 + 5 * 8

  init(position: UInt64, asOf: Instant, store: UInt64, names: UInt64) {
    self.position = position
    self.asOf = asOf
    self.store = store
    self.names = names
  }

  /// Nil for bytes that were not given out for an equal `filter`.
  init?(_ bytes: [UInt8], for filter: WatchFilter) {
    guard bytes.count == ResumeToken.length, bytes[0] == ResumeToken.version else { return nil }
    let numbers = (0..<4).map { index in
      bytes[(1 + 8 * index)..<(9 + 8 * index)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }
    position = numbers[0]
    asOf = Instant(microseconds: Int64(bitPattern: numbers[1]))
    store = numbers[2]
    names = numbers[3]
    guard self.bytes(for: filter) == bytes else { return nil }
  }

  func bytes(for filter: WatchFilter) -> [UInt8] {
    var bytes = [ResumeToken.version]
    bytes.reserveCapacity(ResumeToken.length)
    for number in [position, UInt64(bitPattern: asOf.microseconds), store, names] {
      ResumeToken.append(number, &bytes)
    }
    ResumeToken.append(ResumeToken.check(filter, bytes), &bytes)
    return bytes
  }

  // The token opens no door: who may watch is asked of every call.
  private static func check(_ filter: WatchFilter, _ bytes: [UInt8]) -> UInt64 {
    var check = Fingerprint()
    for id in filter.productIDs { check.mix(id.utf8) }
    check.mix([0xFE])
    check.mix(filter.sellerIDs.joined(separator: " ").utf8)
    check.mix(filter.fromDate.utf8)
    check.mix(filter.toDate.utf8)
    check.mix(bytes)
    return check.value
  }

  private static func append(_ value: UInt64, _ bytes: inout [UInt8]) {
    for shift in stride(from: 56, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
    }
  }
}
