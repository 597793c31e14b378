internal import CupoSchema

/// Who is calling, and in which roles.
package final class Principal: Sendable {
  /// Stands for the caller in logs and events, and is the buyer where none is named.
  package let subject: String
  package let roles: [Int32]

  /// The caller of a server that asks for no identity: it may do everything, which is why such a server listens on
  /// loopback only.
  package static let anonymous = Principal(subject: "anonymous", roles: [Role.admin.rawValue])

  init(subject: String, roles: [Int32]) {
    self.subject = subject
    self.roles = roles
  }

  func has(oneOf allowed: [Role]) -> Bool {
    allowed.contains { roles.contains($0.rawValue) }
  }
}
