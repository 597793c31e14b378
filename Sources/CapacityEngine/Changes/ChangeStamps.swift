import Synchronization

/// When anything in the pools of a resource last changed, as a position in the log: what was read there at that position or behind
/// it is as it was.
package final class ChangeStamp: Sendable {
  private let position = Atomic<UInt64>(0)

  package init() {}

  package var last: UInt64 { position.load(ordering: .acquiring) }

  func note(_ position: UInt64) {
    self.position.max(position, ordering: .releasing)
  }
}

/// The stamps of all resources, for readers who wait for nothing and for nobody.
///
/// A fixed number of them: resources that share one look changed when the other is, which costs a reading and is never wrong.
struct ChangeStamps: Sendable {
  static let count = 4_096

  private let all = (0..<count).map { _ in ChangeStamp() }

  subscript(resourceID: String) -> ChangeStamp {
    all[Int(UInt(bitPattern: resourceID.hashValue) % UInt(Self.count))]
  }

  /// Anything may be different.
  func noteAll(_ position: UInt64) {
    for stamp in all { stamp.note(position) }
  }
}
