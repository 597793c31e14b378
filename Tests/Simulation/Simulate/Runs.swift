import Simulation

/// One seed after another.
struct Runs {
  private let options: Options
  private static let linesMax = 200

  init(_ options: Options) {
    self.options = options
  }

  /// Answers whether all is well.
  func run() -> Bool {
    let clock = ContinuousClock()
    let start = clock.now
    var (steps, commands) = (0, 0)
    for seed in options.seed..<options.seed + options.seeds {
      LastWords.seed = seed
      let simulation = Simulation(
        seed: seed, steps: options.steps, planted: options.planted, lanes: options.lanes)
      let report = simulation.run()
      steps += report.steps
      commands += report.commands
      if let broken = report.broken {
        explain(simulation, report, broken)
        return false
      }
      if !options.isQuiet {
        print(
          "seed \(seed): \(report.steps) steps, \(report.commands) commands, \(report.sent) sent ahead, \(report.lanes) lanes, \(report.moved) moved, trace \(hex(report.digest))"
        )
      }
    }
    let seconds = (clock.now - start) / .seconds(1)
    print(
      "\(options.seeds) seeds, \(steps) steps, \(commands) commands,"
        + " \(Int(Double(steps) / max(0.001, seconds))) steps/s, all is well")
    return true
  }

  private func explain(_ simulation: Simulation, _ report: Simulation.Report, _ broken: Broken) {
    print(
      "seed \(report.seed) step \(report.steps): \(broken.invariant) is broken, trace \(hex(report.digest))"
    )
    print(broken.text)
    print("looking for a shorter run …")
    var shrinker = Shrinker(simulation, broken)
    let list = shrinker.shrink(steps: report.steps)
    print("\(list.count) steps are enough: \(list.map(String.init).joined(separator: ","))")
    var lines: [String] = []
    let short = simulation.run(list) { lines.append(plain($0)) }
    if lines.count > Self.linesMax { print("  … \(lines.count - Self.linesMax) lines") }
    for line in lines.suffix(Self.linesMax) { print("  \(line)") }
    print(short.broken.map { "\($0.invariant): \($0.text)" } ?? "they are not")
  }

  // Without the names of modules, which only lengthen it.
  private func plain(_ text: String) -> String {
    var parts = text.split(separator: " ", omittingEmptySubsequences: false)
    for index in parts.indices {
      for prefix in ["Capacity.Command.", "Capacity."] where parts[index].hasPrefix(prefix) {
        parts[index] = parts[index].dropFirst(prefix.count)
      }
    }
    return parts.joined(separator: " ")
  }

  private func hex(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
