import CupoContract
import CupoSchema
import Testing

/// The whole suite against the real server, one test for each RPC and each store.
@Suite struct ServerContractTests {
  /// Every RPC as reports call it, and what is about the server as a whole.
  static let subjects =
    MethodEntry.all.map { entry in
      "\(entry.service.split(separator: ".").last ?? "").\(entry.name)"
    } + ["Server"]

  @Test(arguments: subjects, RealServer.Store.allCases)
  func contract(_ subject: String, on store: RealServer.Store) async throws {
    let real = try await RealServer.start(on: store)
    let report = try await ContractSuite.run(real.target, filter: subject + " ")
    #expect(!report.results.isEmpty, "nothing was checked")
    for failure in report.failures {
      Issue.record(
        """
        \(failure.subject): \(failure.name)
        expected: \(failure.failure?.expected ?? "")
        came: \(failure.failure?.got ?? "")
        """)
    }
    await real.stop()
  }

  /// What is implemented must not disappear again.
  @Test func everyRPCIsImplemented() async throws {
    let real = try await RealServer.start()
    let report = try await ContractSuite.run(real.target, filter: "an unknown service")
    #expect(report.notImplemented == [])
    await real.stop()
  }
}
