import CupoContract
import CupoSchema
import Protobuf
import Testing

/// Every entry of the access table turned around, one after another, in the server: the matrix, which goes by the contract, must
/// notice each.
@Suite(.timeLimit(.minutes(5)))
struct AccessMutationTests {
  static let roles = Role.allCases.filter { $0 != .unspecified }

  /// The contract of `entry` in which `change` was made; all others as they are.
  private static func start(
    _ entry: MethodEntry, _ change: (inout MethodContract) -> Void
  ) async throws -> RealServer {
    var contract = entry.contract
    change(&contract)
    let (path, changed) = (entry.path, contract)
    return try await RealServer.start { $0 == path ? changed : MethodContract.of(path: $0) }
  }

  private static func subject(_ entry: MethodEntry) -> String {
    "\(entry.service.split(separator: ".").last ?? "").\(entry.name) access: every role"
  }

  // As somebody who may prepare what the matrix is about, whatever was turned around.
  private static func isNoticed(_ real: RealServer, _ entry: MethodEntry) async throws -> Bool {
    let report = try await ContractSuite.run(real.target, filter: subject(entry))
    await real.stop()
    #expect(report.results.count == 1)
    return !report.passed
  }

  @Test func withoutAMutationItPasses() async throws {
    let real = try await RealServer.start()
    let report = try await ContractSuite.run(real.target, filter: " access: every role")
    #expect(report.results.count == MethodEntry.all.count)
    #expect(report.passed, "\(report.text())")
    await real.stop()
  }

  @Test(.serialized, arguments: MethodEntry.all.map(\.name))
  func everyRoleOf(_ name: String) async throws {
    let entry = try #require(MethodEntry.all.first { $0.name == name })
    for role in Self.roles {
      let real = try await Self.start(entry) { contract in
        if contract.roles.contains(role) {
          contract.roles.removeAll { $0 == role }
        } else {
          contract.roles.append(role)
        }
      }
      #expect(try await Self.isNoticed(real, entry), "\(name) for \(role)")
    }
  }

  @Test(.serialized, arguments: MethodEntry.all.map(\.name))
  func theOwnershipOf(_ name: String) async throws {
    let entry = try #require(MethodEntry.all.first { $0.name == name })
    for ownership in Ownership.allCases where ownership != entry.contract.ownership {
      guard Self.differs(ownership, entry.contract) else { continue }
      let real = try await Self.start(entry) { $0.ownership = ownership }
      #expect(try await Self.isNoticed(real, entry), "\(name) as \(ownership)")
    }
  }

  /// Whether another rule of ownership binds other roles of those that may call at all; if not, it says the same. Methods that
  /// touch nobody's things have nothing to be held to.
  private static func differs(_ ownership: Ownership, _ contract: MethodContract) -> Bool {
    guard contract.ownership != .unspecified else { return false }
    // The only thing of anybody's in ExplainAvailability is a buyer's name, and SELLER may name none at all.
    let owners: Set<Role> =
      contract == MethodContract.of(path: AvailabilityService.explainAvailability.path)
      ? [.buyer] : [.buyer, .seller]
    func bound(_ ownership: Ownership) -> Set<Role> {
      let bound: [Role] =
        switch ownership {
        case .buyer: [.buyer]
        case .seller: [.seller]
        case .buyerOrSeller, .sellerOrNamed: [.buyer, .seller]
        default: []
        }
      return Set(bound).intersection(contract.roles).intersection(owners)
    }
    return bound(ownership) != bound(contract.ownership)
  }
}
