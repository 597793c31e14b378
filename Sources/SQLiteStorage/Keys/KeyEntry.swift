/// A key's hash and the reservation that it stands for.
struct KeyEntry: Equatable, Sendable {
  var hash: UInt64
  var number: UInt64

  static func precedes(_ left: KeyEntry, _ right: KeyEntry) -> Bool {
    (left.hash, left.number) < (right.hash, right.number)
  }
}
