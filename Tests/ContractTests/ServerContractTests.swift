import CupoContract
import CupoSchema
import Testing

/// The whole suite against the real server, one test for each RPC, on each store.
@Suite struct ServerContractTests {
  /// Every RPC as reports call it, and what is about the server as a whole.
  static let subjects =
    MethodEntry.all.map { entry in
      "\(entry.service.split(separator: ".").last ?? "").\(entry.name)"
    } + ["Server"]

  @Test(arguments: subjects)
  func contract(_ subject: String) async throws {
    // One after another: some checks wait for time to pass, and too many servers at once would keep them from it.
    for store in RealServer.Store.allCases {
      let real = try await RealServer.start(on: store)
      let report = try await ContractSuite.run(real.target, filter: subject + " ")
      #expect(!report.results.isEmpty, "nothing was checked")
      for failure in report.failures {
        Issue.record(
          """
          \(store): \(failure.subject): \(failure.name)
          expected: \(failure.failure?.expected ?? "")
          came: \(failure.failure?.got ?? "")
          """)
      }
      await real.stop()
    }
  }

  /// What is implemented must not disappear again.
  @Test func everyRPCIsImplemented() async throws {
    let real = try await RealServer.start()
    let report = try await ContractSuite.run(real.target, filter: "an unknown service")
    #expect(report.notImplemented == [])
    await real.stop()
  }
}
