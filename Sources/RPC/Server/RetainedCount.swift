internal import Synchronization

/// How many objects of a kind are in memory, counted by themselves, on any thread.
final class RetainedCount: Sendable {
  private let count = Atomic(0)

  var value: Int { count.load(ordering: .relaxed) }

  func add(_ number: Int) { count.add(number, ordering: .relaxed) }
}
