extension ContractReport {
  /// The report for people, grouped by RPC.
  ///
  /// - Parameter verbose: Names what passed too; otherwise it is counted.
  package func text(verbose: Bool = false) -> String {
    var lines = ["Contract of Cupo against \(target), run \(runID)", ""]
    for subject in subjects { lines += group(subject, verbose) }
    if lines.last != "" { lines.append("") }
    if !notImplemented.isEmpty {
      lines += ["Not implemented by this server, and therefore not checked:"]
      lines += notImplemented.map { "  – \($0)" } + [""]
    }
    if !hasTokens {
      lines += [
        "Who may do what was not checked: that needs the server's signing key (--data).", "",
      ]
    }
    lines.append(summary)
    return lines.joined(separator: "\n") + "\n"
  }

  /// One line: how many passed and failed.
  package var summary: String {
    let verdict = results.isEmpty ? "Nothing was checked" : passed ? "Passed" : "FAILED"
    return "\(verdict): \(results.count - failures.count) checks passed, \(failures.count) failed, "
      + "\(notImplemented.count) RPCs not implemented"
  }

  private var subjects: [String] {
    var seen: Set<String> = []
    return results.map(\.subject).filter { seen.insert($0).inserted }
  }

  private func group(_ subject: String, _ verbose: Bool) -> [String] {
    let own = results.filter { $0.subject == subject }
    let passed = own.count { $0.passed }
    // It has said that it is not implemented, as it should; the list below names it.
    if notImplemented.contains(subject), passed == own.count, !verbose { return [] }
    var lines = ["\(passed == own.count ? "✓" : "✗") \(subject) (\(passed) of \(own.count))"]
    for result in own where verbose || !result.passed { lines += entry(result) }
    return lines + (lines.count > 1 ? [""] : [])
  }

  private func entry(_ result: ContractResult) -> [String] {
    guard let failure = result.failure else { return ["  ✓ \(result.name)"] }
    return [
      "  ✗ \(result.name)", "      expected: \(failure.expected)",
      "      came:     \(failure.got)",
    ] + (failure.reproduce.map { ["      again:    \($0)"] } ?? [])
  }
}
