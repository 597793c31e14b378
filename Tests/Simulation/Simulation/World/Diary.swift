import Capacity
import CapacityEngine

/// What a node did, in order: what it tried with its store, and what it answered. One thread has it, the simulator's.
final class Diary: @unchecked Sendable {
  enum Entry {
    /// A unit of work has begun on a store that others write to as well, at this instant of the store's.
    case began(Instant)
    /// Something with the store failed.
    case failed
    /// A commit was written; the node may have been told that it was not.
    case written(ChangeSet, reportedAs: Bool)
    /// Everything was read anew.
    case reread
    case answered(Letter)
  }

  private(set) var entries: [Entry] = []

  var isEmpty: Bool { entries.isEmpty }

  func add(_ entry: Entry) {
    entries.append(entry)
  }

  /// Hands out what has been written since the last time.
  func take() -> [Entry] {
    defer { entries.removeAll(keepingCapacity: true) }
    return entries
  }
}

extension Diary.Entry {
  /// For whoever reads a failure.
  var summary: String {
    switch self {
    case .began(let instant): "began at \(instant.microseconds)"
    case .failed: "the store failed"
    case .written(let changes, let isTold):
      "wrote up to event \(changes.lane.nextSequence - 1)\(isTold ? "" : ", and was told it had not")"
    case .reread: "read everything anew"
    case .answered(let letter): "answered \(letter.request.number): \(letter.said)"
    }
  }
}
