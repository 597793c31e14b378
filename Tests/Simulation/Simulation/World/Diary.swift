import Capacity
import CapacityEngine

/// What a node did, in order: what it tried with its store, and what it answered. One thread has it, the simulator's.
final class Diary: @unchecked Sendable {
  enum Entry {
    /// A unit of work has begun on a store that others write to as well, at this instant of the store's.
    ///
    /// - Parameters:
    ///   - memory: the last decision that the node knew of.
    ///   - lanes: those that it has for itself; nil: it only reads.
    case began(Instant, memory: Instant, lanes: LaneSet?)
    /// Something with the store failed.
    case failed
    /// What others wrote could not be read: it has not come to decide at the instant at which it began.
    case lostTouch
    /// Another node came first.
    case overtaken
    /// A commit was written; the node may have been told that it was not.
    case written(ChangeSet, LogPlace, reportedAs: Bool)
    /// Everything was read anew.
    case reread
    case answered(Letter)
    /// Commands were decided ahead.
    case decided(StepCommitter.Decision)
    /// What was decided ahead is on its way to the store.
    case sent(SentBatch)
    /// Such a batch was written; the node may be told that it was not.
    case wroteAhead(SentBatch, ChangeSet, LogPlace, reportedAs: Bool)
    /// The write of such a batch has failed.
    case failedAhead(SentBatch, isRefused: Bool)
    /// The node has learned how such a batch went.
    ///
    /// - Parameter last: the last event that is in it; nil: it failed.
    case settled(SentBatch, last: UInt64?)

    /// Whether it tells how a unit of work begins.
    var isOfBeginning: Bool {
      switch self {
      case .began, .failed, .lostTouch: true
      default: false
      }
    }

    var isWritten: Bool {
      switch self {
      case .written, .wroteAhead: true
      default: false
      }
    }
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
    case .began(let instant, _, let lanes):
      "began at \(instant.microseconds)\(lanes.map { " in \(Array($0))" } ?? "")"
    case .failed: "the store failed"
    case .lostTouch: "the log cannot be read"
    case .overtaken: "another node came first"
    case .written(let changes, let place, let isTold):
      "wrote up to event \(place.state.nextSequence - 1) in \(Array(changes.lanes))\(isTold ? "" : ", and was told it had not")"
    case .reread: "read everything anew"
    case .answered(let letter): "answered \(letter.request.number): \(letter.said)"
    case .decided(let decision):
      "decided \(decision.commands.count) ahead in \(Array(decision.lanes))"
    case .sent: "sent what it decided ahead"
    case .wroteAhead(_, let changes, let place, let isTold):
      "what it sent is written up to event \(place.state.nextSequence - 1) in \(Array(changes.lanes))\(isTold ? "" : ", and it is told otherwise")"
    case .failedAhead(_, let isRefused):
      isRefused ? "what it sent is overtaken" : "what it sent is lost"
    case .settled(_, let last): last == nil ? "heard that it failed" : "heard that it is written"
    }
  }
}
