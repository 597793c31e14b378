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

  /// Whether it came to an end, as its answers say; where nothing says so, as the diary of the store does.
  func fate(
    _ acts: ArraySlice<Disk.Act>, _ isLast: Bool, _ truth: Truth, _ node: Node
  ) -> Fate {
    for letter in letters {
      guard case .command = letter.asked else { continue }
      return letter.failure == nil ? .done : .failed
    }
    for letter in letters where letter.failure != nil { return .failed }
    switch acts.first {
    case .failed: return isLast ? .failed : .done
    case .written(_, reportedAs: false): return isLast ? .failed : .done
    default: return .done
    }
  }
}
