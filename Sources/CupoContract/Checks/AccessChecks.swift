internal import CupoSchema
internal import Protobuf
internal import RPC

/// The access matrix: every RPC by every role, about what is its own and what is another's; and callers who are nobody. What is
/// expected comes from the contract alone.
enum AccessChecks {
  static func list() -> [ContractCheck] {
    AccessSample.all.flatMap { sample in
      let path = sample.sample.entry.path
      return [
        ContractCheck(path, "access: every role, its own and another's", needsTokens: true) {
          (run) async throws(CheckFailure) in try await matrix(sample, run)
        },
        ContractCheck(
          path, "identity: none, expired, wrong issuer, audience, key", needsTokens: true
        ) { (run) async throws(CheckFailure) in try await strangers(sample, run) },
      ]
    }
  }

  static let roles = Role.allCases.filter { $0 != .unspecified }

  // MARK: The matrix

  private static func matrix(
    _ sample: AccessSample, _ run: ContractRun
  ) async throws(CheckFailure) {
    // Strangers first: the owner's call may settle what the reservation is about.
    for role in roles {
      let world = try await AccessWorld.make(run)
      try await judge(sample, world, role, world.stranger(role), isOwn: false)
      try await judge(sample, world, role, world.owner(role), isOwn: true)
    }
  }

  private static func judge(
    _ sample: AccessSample, _ world: AccessWorld, _ role: Role, _ token: ContractToken, isOwn: Bool
  ) async throws(CheckFailure) {
    let caller = try await world.run.caller(bearing: token)
    let answer = sample.judged(await sample.sample.send(caller, sample.request(world, role)))
    let expected = Self.expected(sample, role, isOwn: isOwn)
    let whose = isOwn ? "its own" : "another's"
    let what = "\(role) to \(sample.sample.entry.name) \(whose)"
    guard let expected else {
      if case .error(let error) = answer, let reason = ErrorAnswer(error).reason,
        denials.contains(reason)
      {
        throw CheckFailure(expected: "\(what) is let in", got: answer.summary)
      }
      return
    }
    guard case .error(let error) = answer, ErrorAnswer(error).reason == expected else {
      throw CheckFailure(expected: "\(what) is told \(expected)", got: answer.summary)
    }
    _ = try caller.judge(answer, sample.sample.entry.path, [expected], nil)
  }

  static let denials: Set<ErrorReason> = [
    .roleNotAllowed, .notOwner, .reservationNotFound, .tokenMissing, .tokenInvalid, .tokenExpired,
  ]

  /// What a caller in this role is told; nil: it is let in.
  static func expected(_ sample: AccessSample, _ role: Role, isOwn: Bool) -> ErrorReason? {
    let contract = sample.sample.entry.contract
    guard contract.roles.contains(role) else { return .roleNotAllowed }
    // What a buyer may watch is what it names, whoever's it is.
    if contract.ownership == .sellerOrNamed, role == .buyer { return sample.refusal }
    guard !isOwn, isBound(role, contract.ownership) else { return nil }
    return sample.refusal
  }

  private static func isBound(_ role: Role, _ ownership: Ownership) -> Bool {
    switch ownership {
    case .buyer: role == .buyer
    case .seller: role == .seller
    case .buyerOrSeller, .sellerOrNamed: role == .buyer || role == .seller
    default: false
    }
  }

  // MARK: Nobody

  /// What somebody is told whose token is flawed, or who has none.
  static func expected(_ flaw: ContractToken.Flaw) -> ErrorReason {
    switch flaw {
    case .none: .tokenMissing
    case .expired: .tokenExpired
    default: .tokenInvalid
    }
  }

  private static func strangers(
    _ sample: AccessSample, _ run: ContractRun
  ) async throws(CheckFailure) {
    let path = sample.sample.entry.path
    let request = sample.sample.valid(run)
    let nobody = await sample.sample.send(run.caller.bearing(nil), request)
    _ = try run.caller.judge(nobody, path, [.tokenMissing], nil)
    for flaw in ContractToken.Flaw.allCases where flaw != .none {
      let token = ContractToken(subject: run.fresh("nobody"), roles: [.admin], flaw: flaw)
      let answer = await sample.sample.send(try await run.caller(bearing: token), request)
      do throws(CheckFailure) {
        _ = try run.caller.judge(answer, path, [expected(flaw)], nil)
      } catch {
        throw CheckFailure(expected: "\(flaw): \(error.expected)", got: error.got)
      }
    }
  }
}

extension ContractRun {
  /// Calls as somebody else.
  func caller(bearing token: ContractToken) async throws(CheckFailure) -> Caller {
    guard let text = await caller.target.tokens?(token) else {
      throw CheckFailure(expected: "a token to be \(token.roles) with", got: "none")
    }
    return caller.bearing(text)
  }
}
