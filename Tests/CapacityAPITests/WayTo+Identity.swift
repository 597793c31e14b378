import Capacity
import CupoSchema
import Identity
import RPC

@testable import CapacityAPI

extension House {
  /// For tests that are about something else than who calls.
  static let everybodyIsAdmin = FixedIdentification(
    Principal(subject: "anonymous", roles: RoleSet(.admin)))
}

/// A house whose callers need a token by a key of its own.
struct LockedHouse {
  let house: House
  let key: SigningKey

  init() async throws {
    let clock = ManualClock()
    let key = await SigningKey.generate()
    let authenticator = Authenticator(rules: TokenRules(leewaySeconds: 0)) { clock.now.seconds }
    _ = await authenticator.use(Authenticator.Files(keys: [key.file]))
    house = try await House(clock: clock, identification: TokenIdentification(authenticator))
    self.key = key
    try await house.furnish()
  }

  var access: Access { house.access }

  func metadata(
    _ roles: Role..., subject: String = "bea", sellers: Set<String> = [], seconds: Int64 = 60
  ) -> Metadata {
    var metadata = Metadata()
    let token = key.token(
      TokenClaims(
        issuer: "cupo", audiences: ["cupo"], subject: subject, roles: RoleSet(roles),
        sellerIDs: sellers, expiry: house.clock.now.seconds + seconds))
    metadata.append("authorization", "Bearer \(token ?? "")")
    return metadata
  }
}

extension WayTo {
  /// How a caller is told that it is nobody, or not the one it would have to be.
  static let identity: [ErrorReason: Way] = [
    .tokenMissing: { _ in try await locked { _ in Metadata() } },
    .tokenInvalid: { _ in
      let other = await SigningKey.generate()
      try await locked { house in
        let claims = TokenClaims(
          issuer: "cupo", audiences: ["cupo"], subject: "bea", roles: RoleSet(.admin),
          expiry: house.house.clock.now.seconds + 60)
        var metadata = Metadata()
        metadata.append("authorization", "Bearer \(other.token(claims) ?? "")")
        return metadata
      }
    },
    .tokenExpired: { _ in try await locked { $0.metadata(.admin, seconds: 0) } },
    .roleNotAllowed: { _ in try await locked { $0.metadata(.buyer, .worker) } },
    .notOwner: { _ in try await locked { $0.metadata(.seller, sellers: ["luna"]) } },
  ]

  // Asks for Sol's hall.
  private static func locked(_ metadata: (LockedHouse) -> Metadata) async throws {
    let locked = try await LockedHouse()
    var request = GetResourceRequest()
    request.resourceID = "hall"
    do {
      _ = try await locked.house.client.unary(
        InventoryService.getResource, request, metadata: metadata(locked))
    } catch {
      await locked.house.close()
      throw error
    }
    await locked.house.close()
  }
}
