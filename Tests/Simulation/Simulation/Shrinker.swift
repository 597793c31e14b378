/// Finds a short run that still breaks the same invariant: steps are left out in ever smaller portions, and what is left is
/// run anew from the beginning.
package struct Shrinker {
  /// Steps at most, over all runs.
  package static let stepsMax = 3_000_000

  private let simulation: Simulation
  private let broken: Broken
  private var steps = 0

  package init(_ simulation: Simulation, _ broken: Broken) {
    (self.simulation, self.broken) = (simulation, broken)
  }

  /// The numbers of the steps that are enough; `steps` is where the whole run broke.
  package mutating func shrink(steps: Int) -> [Int] {
    var list = Array(0..<steps)
    var portion = max(1, list.count / 2)
    while portion >= 1, self.steps < Self.stepsMax {
      let before = list.count
      var start = 0
      while start < list.count, self.steps < Self.stepsMax {
        var shorter = list
        shorter.removeSubrange(start..<min(start + portion, list.count))
        if let found = breaks(shorter) { list = found } else { start += portion }
      }
      if portion == 1, list.count == before { break }
      portion = max(1, min(portion / 2, list.count / 2))
    }
    return list
  }

  // The steps up to the one that breaks, where it is the same that is broken.
  private mutating func breaks(_ list: [Int]) -> [Int]? {
    steps += list.count
    let report = simulation.run(list)
    guard report.broken?.kind == broken.kind else { return nil }
    guard let end = list.firstIndex(where: { $0 >= report.steps }) else { return list }
    return Array(list[..<end])
  }
}
