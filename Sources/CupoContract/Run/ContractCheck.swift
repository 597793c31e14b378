/// One check: what it is about, and the calls that it makes.
struct ContractCheck: Sendable {
  typealias Body = @Sendable (ContractRun) async throws(CheckFailure) -> Void

  /// The `:path` of the RPC that it is about; empty for what is about the server as a whole.
  let path: String
  let name: String
  /// Paths of other RPCs without which it cannot be done.
  let needs: [String]
  /// Whether it is done only where the RPC is not implemented.
  let isForAbsence: Bool
  /// Whether it calls as somebody in particular.
  let needsTokens: Bool
  /// Whether it is done only where the server is said to limit how often a buyer calls.
  let needsRateLimits: Bool
  let body: Body

  init(
    _ path: String, _ name: String, needs: [String] = [], isForAbsence: Bool = false,
    needsTokens: Bool = false, needsRateLimits: Bool = false,
    _ body: @escaping Body
  ) {
    self.isForAbsence = isForAbsence
    self.needsTokens = needsTokens
    self.needsRateLimits = needsRateLimits
    self.path = path
    self.name = name
    self.needs = needs
    self.body = body
  }

  /// The RPC as reports call it, as in `CapacityService.Reserve`.
  var subject: String { Self.subject(of: path) }

  static func subject(of path: String) -> String {
    let parts = path.split(separator: "/")
    guard parts.count == 2, let service = parts[0].split(separator: ".").last else {
      return "Server"
    }
    return "\(service).\(parts[1])"
  }
}
