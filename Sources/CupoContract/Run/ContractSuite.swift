internal import CupoSchema
package import RPC

/// Runs the contract's checks against a server.
package enum ContractSuite {
  /// Checks that run at the same time.
  static let concurrency = 8
  /// How long one check may take.
  static let checkTimeout: Duration = .seconds(20)

  /// Runs every check whose `SUBJECT NAME` contains `filter`, in any case of letters.
  ///
  /// - Parameter progress: Called for each result as it comes, one after another.
  /// - Throws: ``RPCError`` if nobody answers at `target`; all else is in the report.
  package static func run(
    _ target: ContractTarget, filter: String = "",
    progress: (ContractResult) -> Void = { _ in }
  ) async throws(RPCError) -> ContractReport {
    let caller = try await Caller.connect(to: target)
    let run = ContractRun(caller)
    let probe = await Probe.run(MethodSample.all, run)
    var report = ContractReport(target: target.address, runID: run.id)
    report.notImplemented = probe.unimplemented.map(ContractCheck.subject(of:))
    report.hasTokens = target.tokens != nil
    let checks = AllChecks.list().filter { check in
      matches(check, filter) && probe.allows(check) && (report.hasTokens || !check.needsTokens)
        && (target.hasRateLimits || !check.needsRateLimits)
    }
    report.results = await perform(checks, run, progress)
    await caller.client.close()
    return report
  }

  private static func matches(_ check: ContractCheck, _ filter: String) -> Bool {
    filter.isEmpty || "\(check.subject) \(check.name)".lowercased().contains(filter.lowercased())
  }

  private static func perform(
    _ checks: [ContractCheck], _ run: ContractRun, _ progress: (ContractResult) -> Void
  ) async -> [ContractResult] {
    var results: [ContractResult?] = Array(repeating: nil, count: checks.count)
    await withTaskGroup(of: (Int, ContractResult).self) { group in
      var next = 0
      func startOne() {
        guard next < checks.count else { return }
        let (index, check) = (next, checks[next])
        next += 1
        group.addTask { (index, await result(of: check, run, within: checkTimeout)) }
      }
      for _ in 0..<concurrency { startOne() }
      while let (index, result) = await group.next() {
        results[index] = result
        progress(result)
        startOne()
      }
    }
    return results.compactMap { $0 }
  }

  /// Does one check, at most as long as `limit`.
  static func result(
    of check: ContractCheck, _ run: ContractRun, within limit: Duration
  ) async -> ContractResult {
    let start = ContinuousClock.now
    let failure = await withTaskGroup(of: CheckFailure?.self) { group in
      group.addTask { await outcome(of: check, run) }
      group.addTask {
        // Cancelled as soon as the check is done.
        try? await Task.sleep(for: limit)
        return CheckFailure(expected: "an end within \(limit)", got: "none")
      }
      defer { group.cancelAll() }
      return await group.next() ?? nil
    }
    let seconds = Double((ContinuousClock.now - start) / .milliseconds(1)).rounded() / 1_000
    return ContractResult(
      subject: check.subject, name: check.name, failure: failure, seconds: seconds)
  }

  private static func outcome(of check: ContractCheck, _ run: ContractRun) async -> CheckFailure? {
    do throws(CheckFailure) {
      try await check.body(run)
      return nil
    } catch {
      return error
    }
  }
}
