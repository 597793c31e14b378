internal import ArgumentParser
internal import CupoSchema
internal import Identity

/// A role by its name, as in `buyer`.
struct RoleArgument: ExpressibleByArgument, Equatable {
  let role: Role

  init?(argument: String) {
    guard let role = RoleSet.role(named: argument) else { return nil }
    self.role = role
  }
}
