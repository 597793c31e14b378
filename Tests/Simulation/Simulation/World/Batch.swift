import Capacity
import CapacityEngine

/// What a lane decided together.
struct Batch {
  enum Fate { case done, failed }

  let letters: [Letter]
  let now: Instant

  init(_ letters: [Letter], at now: Instant) {
    (self.letters, self.now) = (letters, now)
  }

  /// Releases first, everything else as it came.
  var inOrder: [Letter] { letters.filter(\.isUrgent) + letters.filter { !$0.isUrgent } }

  /// Whether it came to an end, as its answers say; where they do not, as the diary of the store does.
  ///
  /// - Parameter goesToStore: whether the lane has something to write or to find out, whatever was asked.
  func fate(_ acts: ArraySlice<Disk.Act>, goesToStore: Bool, storeIsDead: Bool) -> Fate {
    for letter in letters {
      guard case .command = letter.asked else { continue }
      return letter.failure == nil ? .done : .failed
    }
    // What was looked up is answered before the commit, which may fail after it.
    if letters.contains(where: { $0.failure != nil }) { return .failed }
    guard goesToStore else { return .done }
    return switch acts.first {
    case .failed, .written(_, reportedAs: false): .failed
    case nil: storeIsDead ? .failed : .done
    case .written, .reread: .done
    }
  }
}
