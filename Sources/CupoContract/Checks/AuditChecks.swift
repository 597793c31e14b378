internal import CupoSchema
internal import Protobuf
internal import RPC

/// AuditService: what is changed and what is denied leaves its entry, in pages and as a stream.
enum AuditChecks {
  static func list() -> [ContractCheck] {
    let list = AuditService.listAuditEntries.path
    let watch = AuditService.watchAuditEntries.path
    return [
      ContractCheck(list, "a change, with before and after", change),
      ContractCheck(list, "pages by a token that stays good", pages),
      ContractCheck(list, "PAGE_TOKEN_INVALID", token),
      ContractCheck(watch, "sends what comes behind a token", resume),
      ContractCheck(watch, "RESUME_TOKEN_INVALID", resumeToken),
      ContractCheck(watch, "each denial leaves its entry", needsTokens: true) {
        (run) async throws(CheckFailure) in try await denials(run, ofStrangers: false, denied)
      },
      ContractCheck(watch, "each call by nobody leaves its entry", needsTokens: true) {
        (run) async throws(CheckFailure) in try await denials(run, ofStrangers: true, unknown)
      },
    ]
  }

  private static func entries(
    _ run: ContractRun, _ change: (inout ListAuditEntriesRequest) -> Void
  ) async throws(CheckFailure) -> [AuditEntry] {
    var request = ListAuditEntriesRequest()
    change(&request)
    var all: [AuditEntry] = []
    repeat {
      let page = try await run.caller.ok(AuditService.listAuditEntries, request)
      all += page.entries
      request.pageToken = page.nextPageToken
    } while !request.pageToken.isEmpty
    return all
  }

  private static func change(_ run: ContractRun) async throws(CheckFailure) {
    let id = run.fresh("audited")
    try await run.put(run.stock(id, units: 5))
    var pause = SetPauseRequest()
    pause.target = .resourceID(id)
    pause.paused = true
    pause.reason = "a leak"
    _ = try await run.caller.naming("\(id)-request").ok(InventoryService.setPause, pause)
    let entries = try await entries(run) {
      $0.subject = id
      $0.kinds = [.configurationChanged]
    }
    try expectEqual("entries of two changes", entries.count, 2)
    try expect(entries[0].before.isEmpty, "nothing before what is new", got: entries[0].before)
    try expect(entries[0].after.contains(id), "the definition", got: entries[0].after)
    let last = entries[1]
    try expectEqual("method", last.method, InventoryService.setPause.path)
    try expectEqual("reason", last.reason, "a leak")
    try expectEqual("request_id", last.requestID, "\(id)-request")
    try expectEqual("outcome", last.outcome, "OK")
    try expectEqual("before", last.before, entries[0].after)
    try expect(last.after != last.before, "another definition after it", got: "the same")
    try expect(last.at != nil && !last.actor.isEmpty, "who and when", got: "none")
    try expectEqual("bytes of the hash", last.hash.count, 32)
    try expect(
      last.chain == entries[0].chain && last.sequence > entries[0].sequence, "one chain, growing",
      got: "\(last.chain) \(last.sequence)")
  }

  private static func pages(_ run: ContractRun) async throws(CheckFailure) {
    let id = run.fresh("audited")
    for units in 1...5 { try await run.put(run.stock(id, units: UInt64(units))) }
    var request = ListAuditEntriesRequest()
    request.subject = id
    request.kinds = [.configurationChanged]
    request.pageSize = 2
    var sequences: [UInt64] = []
    var pagesCount = 0
    repeat {
      let page = try await run.caller.ok(AuditService.listAuditEntries, request)
      try expect(page.entries.count <= 2, "2 at most", got: "\(page.entries.count)")
      sequences += page.entries.map(\.sequence)
      request.pageToken = page.nextPageToken
      pagesCount += 1
      // What is written meanwhile moves nothing.
      if pagesCount == 1 { try await run.put(run.stock(run.fresh("other"), units: 1)) }
    } while !request.pageToken.isEmpty
    try expectEqual("entries", sequences.count, 5)
    try expectEqual("in order", sequences, sequences.sorted())
  }

  private static func token(_ run: ContractRun) async throws(CheckFailure) {
    var request = ListAuditEntriesRequest()
    for token in ["x", "00", "nonsense"] {
      request.pageToken = token
      try await run.caller.refused(AuditService.listAuditEntries, request, .pageTokenInvalid)
    }
  }

  // MARK: The stream

  private struct Reader {
    private var messages: ResponseStream<WatchAuditEntriesResponse>.Iterator
    /// Of the newest message.
    private(set) var token: [UInt8] = []

    init(
      _ run: ContractRun, _ change: (inout WatchAuditEntriesRequest) -> Void = { _ in }
    ) async throws(CheckFailure) {
      var request = WatchAuditEntriesRequest()
      change(&request)
      do throws(RPCError) {
        messages = try await run.caller.client.serverStreaming(
          AuditService.watchAuditEntries, request, metadata: run.caller.target.metadata,
          timeout: .seconds(20)
        ).makeAsyncIterator()
      } catch {
        throw CheckFailure(expected: "a stream", got: ErrorAnswer(error).summary)
      }
    }

    mutating func next(_ what: String) async throws(CheckFailure) -> [AuditEntry] {
      do throws(RPCError) {
        guard let message = try await messages.next() else {
          throw CheckFailure.end(what)
        }
        token = message.resumeToken
        return message.entries
      } catch {
        throw CheckFailure(expected: what, got: ErrorAnswer(error).summary)
      }
    }
  }

  /// Where the log ends now.
  private static func end(
    _ run: ContractRun, _ kinds: [AuditKind]
  ) async throws(CheckFailure) -> [UInt8] {
    var reader = try await Reader(run) { $0.kinds = kinds }
    while !(try await reader.next("a message without entries at the end")).isEmpty {}
    return reader.token
  }

  private static func resume(_ run: ContractRun) async throws(CheckFailure) {
    let kinds: [AuditKind] = [.configurationChanged]
    let token = try await end(run, kinds)
    let id = run.fresh("audited")
    try await run.put(run.stock(id, units: 5))
    for _ in 0..<2 {
      var reader = try await Reader(run) {
        $0.kinds = kinds
        $0.resumeToken = token
      }
      var isFound = false
      while !isFound {
        isFound = try await reader.next("the entry of \(id)").contains { $0.subject == id }
      }
    }
  }

  private static func resumeToken(_ run: ContractRun) async throws(CheckFailure) {
    var request = WatchAuditEntriesRequest()
    for token in [[UInt8](repeating: 0xff, count: 3), Array("nonsense".utf8)] {
      request.resumeToken = token
      try await run.caller.refused(AuditService.watchAuditEntries, request, .resumeTokenInvalid)
    }
  }

  // MARK: Denials

  private struct Denial: Hashable {
    var method: String
    var actor: String
    var requestID: String
    var outcome: String
  }

  private static func denials(
    _ run: ContractRun, ofStrangers: Bool,
    _ calls: (ContractRun) async throws(CheckFailure) -> Set<Denial>
  ) async throws(CheckFailure) {
    let kinds: [AuditKind] = [.denied, .notWritten]
    let token = try await end(run, kinds)
    var missing = try await calls(run)
    var reader = try await Reader(run) {
      $0.kinds = kinds
      $0.resumeToken = token
    }
    while let one = missing.first {
      let entries = try await reader.next(
        "an entry for \(one.outcome) of \(one.actor) to \(one.method), and \(missing.count - 1) more"
      )
      for entry in entries {
        // There were too many at once; those that are missing are in the count.
        if entry.kind == .notWritten, (entry.outcome == "UNAUTHENTICATED") == ofStrangers { return }
        missing.remove(
          Denial(
            method: entry.method, actor: entry.actor, requestID: entry.requestID,
            outcome: entry.outcome))
      }
    }
  }

  /// Calls everything without a token, and with those of others.
  private static func unknown(_ run: ContractRun) async throws(CheckFailure) -> Set<Denial> {
    var all: Set<Denial> = []
    for sample in AccessSample.all.map(\.sample) {
      let request = sample.valid(run)
      for flaw in ContractToken.Flaw.allCases {
        let token = ContractToken(subject: run.fresh("nobody"), roles: [.admin], flaw: flaw)
        var caller = run.caller.bearing(nil)
        if flaw != .none { caller = try await run.caller(bearing: token) }
        let requestID = run.fresh("request")
        let reason = AccessChecks.expected(flaw)
        let answer = await sample.send(caller.naming(requestID), request)
        _ = try caller.judge(answer, sample.entry.path, [reason], nil)
        // Whatever its token says, nobody is named.
        all.insert(
          Denial(
            method: sample.entry.path, actor: "", requestID: requestID, outcome: "\(reason)"))
      }
    }
    return all
  }

  /// Calls everything as everybody who may not.
  private static func denied(_ run: ContractRun) async throws(CheckFailure) -> Set<Denial> {
    let world = try await AccessWorld.make(run)
    var all: Set<Denial> = []
    for sample in AccessSample.all {
      for role in AccessChecks.roles {
        guard let reason = AccessChecks.expected(sample, role, isOwn: false) else { continue }
        let stranger = world.stranger(role)
        let requestID = run.fresh("request")
        let caller = try await run.caller(bearing: stranger).naming(requestID)
        let answer = sample.judged(await sample.sample.send(caller, sample.request(world, role)))
        _ = try caller.judge(answer, sample.sample.entry.path, [reason], nil)
        all.insert(
          Denial(
            method: sample.sample.entry.path, actor: stranger.subject, requestID: requestID,
            outcome: "\(reason)"))
      }
    }
    return all
  }
}

extension CheckFailure {
  fileprivate static func end(_ what: String) -> RPCError {
    RPCError(code: .internal, message: "the stream ended before \(what)")
  }
}
