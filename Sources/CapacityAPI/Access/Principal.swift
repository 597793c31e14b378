internal import CupoSchema

/// Who is calling, and in which roles.
package struct Principal: Equatable, Sendable {
  /// Stands for the caller in logs and events, and is the buyer where none is named.
  package var subject: String
  package var roles: [Int32]

  /// The caller of a server that asks for no identity: it may do everything, which is why such a server listens on
  /// loopback only.
  package static let anonymous = Principal(subject: "anonymous", roles: [Role.admin.rawValue])

  func has(oneOf allowed: [Role]) -> Bool {
    allowed.contains { roles.contains($0.rawValue) }
  }
}
