internal import Synchronization

/// Says who a caller is: by the token that it sends, or by the certificate that its connection showed.
package final class Authenticator: Sendable {
  /// What callers are believed by, as files.
  package struct Files: Equatable, Sendable {
    package var keys: [KeyFile]
    /// See ``PrincipalMap``; nil: certificates make nobody of a caller.
    package var principals: [UInt8]?

    package init(keys: [KeyFile], principals: [UInt8]? = nil) {
      self.keys = keys
      self.principals = principals
    }
  }

  private struct State {
    var files: Files
    var keys: KeySet
    var principals: PrincipalMap
  }

  package let rules: TokenRules
  private let clock: @Sendable () -> Int64
  private let unknownKey: @Sendable () -> Void
  private let state: Mutex<State>
  // Counts the changes of keys and names: what was remembered before the last one is found out again.
  private let generation = Atomic<UInt64>(1)
  // For tests: how many signatures were looked at.
  private let checks = Atomic<UInt64>(0)

  /// - Parameters:
  ///   - clock: seconds since 1970.
  ///   - unknownKey: called when a token names a key that is not here; perhaps it is in the files by now. It must not wait, and
  ///     whoever can connect can have it called.
  package init(
    rules: TokenRules, clock: @escaping @Sendable () -> Int64,
    unknownKey: @escaping @Sendable () -> Void = {}
  ) {
    self.unknownKey = unknownKey
    self.rules = rules
    self.clock = clock
    state = Mutex(
      State(files: Files(keys: []), keys: KeySet(keys: []), principals: PrincipalMap()))
  }

  package var signatureChecks: UInt64 { checks.load(ordering: .relaxed) }
  package var keysCount: Int { state.withLock { $0.keys.keys.count } }

  // MARK: Calls

  /// Who sends this token.
  ///
  /// - Parameter remembered: the tokens of the caller's connection.
  package func principal(
    bearing token: Span<UInt8>, _ remembered: RememberedTokens
  ) throws(TokenFault) -> Principal {
    // Before the keys are looked at: a change in between is then seen by the next call.
    let generation = generation.load(ordering: .acquiring)
    if let known = remembered.find(token, generation: generation) {
      guard clock() < known.validUntil else { throw .expired }
      return known
    }
    guard token.count <= CompactToken.bytesMax else { throw .form }
    let bytes = unsafe token.withUnsafeBufferPointer { unsafe Array($0) }
    let principal = try verified(bytes)
    remembered.remember(bytes, principal, generation: generation)
    return principal
  }

  /// Who shows a certificate with these names; nil: nobody.
  package func principal(showing names: CertificateNames) -> Principal? {
    state.withLock { $0.principals }.principal(names)
  }

  /// Counts the changes of what callers are believed by.
  package var present: UInt64 { generation.load(ordering: .acquiring) }

  /// Why `principal`, who was somebody when its call began, is nobody any more; nil: it still is.
  package func fault(of principal: Principal) -> TokenFault? {
    guard clock() < principal.validUntil else { return .expired }
    switch principal.proof {
    case .token(let mark): return state.withLock { $0.keys.has(mark) } ? nil : .key
    case .certificate(let names):
      return self.principal(showing: names) == principal ? nil : .key
    case .process: return nil
    }
  }

  private func verified(_ bytes: [UInt8]) throws(TokenFault) -> Principal {
    let token = try CompactToken(bytes)
    let keys = state.withLock { $0.keys }
    guard let key = keys.key(token.keyID, token.algorithm) else {
      if token.keyID != nil { unknownKey() }
      throw .key
    }
    checks.add(1, ordering: .relaxed)
    guard key.verifies(token.signature, of: token.signed) else { throw .signature }
    return try rules.principal(
      try TokenClaims(token.payload), signedBy: key.mark, at: clock())
  }

  // MARK: Changes

  /// What came of new files.
  package struct Change: Equatable, Sendable {
    /// Whether anything is different now.
    package var isNew = false
    /// What is wrong with the files: a sentence each.
    package var complaints: [String] = []
  }

  /// Takes other keys and names. Calls that come from now on are judged by them; what was remembered counts no more. Files of
  /// which nothing can be read change nothing.
  package func use(_ files: Files) async -> Change {
    guard state.withLock({ $0.files }) != files else { return Change() }
    let reading = await KeySet.read(files.keys)
    var change = Change(complaints: reading.complaints)
    var principals = state.withLock { $0.principals }
    do throws(PrincipalMap.Fault) {
      principals =
        try files.principals.map { bytes throws(PrincipalMap.Fault) in
          try PrincipalMap(bytes)
        } ?? PrincipalMap()
    } catch {
      change.complaints.append("principals: \(error.text)")
    }
    // A set that is empty and right takes all keys away; one that cannot be read does not.
    let isReadable = !reading.set.keys.isEmpty || reading.complaints.isEmpty
    change.isNew = true
    state.withLock { [principals] state in
      state.files = files
      if isReadable { state.keys = reading.set }
      state.principals = principals
    }
    generation.add(1, ordering: .acquiringAndReleasing)
    return change
  }
}
