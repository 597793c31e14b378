internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf
internal import RPC

/// AuditService: pages of the audit log, and what comes behind them.
struct AuditHandlers: Sendable {
  private static let sizeStandard = 100
  /// How often one call reads, each time so many entries: others on the same loop wait while they are taken apart.
  private static let readsMax = 50
  private static let readSize = 100
  /// Bytes of definitions in one message, above which it ends.
  private static let bytesMax = 1 << 20

  let engine: Engine

  func register(in registry: inout ServiceRegistry) {
    registry.unary(
      AuditService.listAuditEntries, rules: { $0.violations() }, listAuditEntries)
    registry.serverStreaming(
      AuditService.watchAuditEntries, rules: { $0.violations() }, watchAuditEntries)
  }

  @Sendable
  private func listAuditEntries(
    _ request: ListAuditEntriesRequest, _ caller: Caller
  ) async throws(Refusal) -> ListAuditEntriesResponse {
    let filter = AuditFilter(request)
    let mark = StoreMark(engine)
    var token = AuditToken()
    if !request.pageToken.isEmpty {
      guard let known = AuditToken(text: request.pageToken, for: filter.name, of: mark) else {
        throw Refusal(.pageTokenInvalid)
      }
      token = known
    }
    let size = request.pageSize == 0 ? Self.sizeStandard : Int(request.pageSize)
    var response = ListAuditEntriesResponse()
    var isMore = true
    for _ in 0..<Self.readsMax where isMore && response.entries.count < size {
      isMore = try await read(
        filter, &token, size - response.entries.count, into: &response.entries)
      if Self.bytes(response.entries) > Self.bytesMax { break }
    }
    if isMore { response.nextPageToken = token.text(for: filter.name, of: mark) }
    return response
  }

  // Answers whether there is more behind `token` now.
  private func read(
    _ filter: AuditFilter, _ token: inout AuditToken, _ countMax: Int,
    into entries: inout [CupoSchema.AuditEntry]
  ) async throws(Refusal) -> Bool {
    let page: AuditPage
    do throws(EngineError) {
      page = try await engine.audit.page(after: token.positions, limit: Self.readSize)
    } catch {
      throw ErrorTable.refusal(for: error)
    }
    let room = entries.count + countMax
    var isAll = true
    for entry in page.entries {
      guard entries.count < room, Self.bytes(entries) <= Self.bytesMax else {
        isAll = false
        break
      }
      if let message = try message(of: entry, filter) { entries.append(message) }
      token.positions[entry.chain] = entry.sequence
    }
    return page.isMore || !isAll
  }

  private func message(
    of entry: Capacity.AuditEntry, _ filter: AuditFilter
  ) throws(Refusal) -> CupoSchema.AuditEntry? {
    do throws(StorageError) {
      let record = try AuditSeal.record(of: entry)
      return filter.shows(record) ? entry.message(record) : nil
    } catch {
      // Somebody has edited it: shown as what it is. `cupo audit verify` says more.
      return entry.unreadable
    }
  }

  private static func bytes(_ entries: [CupoSchema.AuditEntry]) -> Int {
    entries.reduce(0) { $0 + $1.before.utf8.count + $1.after.utf8.count }
  }

  // MARK: Following

  /// So often the log is looked at: its writers are many, and tell nobody.
  private static let lookEvery = Duration.milliseconds(250)
  /// An idle stream says that it lives this often.
  private static let progress = Duration.seconds(15)

  @Sendable
  private func watchAuditEntries(
    _ request: WatchAuditEntriesRequest, _ caller: Caller,
    _ writer: ResponseWriter<WatchAuditEntriesResponse>
  ) async throws(StreamEnd) {
    do throws(EngineError) {
      try engine.audit.enter()
    } catch {
      throw .refused(ErrorTable.refusal(for: error))
    }
    defer { engine.audit.leave() }
    let filter = AuditFilter(request)
    var token = try await start(request, filter)
    var lastSent = ContinuousClock.now
    var isAtEnd = false
    while !Task.isCancelled {
      var response = WatchAuditEntriesResponse()
      let isMore = try await next(filter, &token, &response)
      let reachesEnd = !isAtEnd && !isMore && response.entries.isEmpty
      if !response.entries.isEmpty || reachesEnd || .now - lastSent >= Self.progress {
        response.resumeToken = token.bytes(for: filter.name, of: StoreMark(engine))
        try await send(response, writer)
        lastSent = .now
        isAtEnd = isAtEnd || reachesEnd
      }
      if engine.audit.isClosed { throw .refused(Refusal(.shuttingDown)) }
      // Cancelled while it sleeps: the loop sees that.
      if !isMore, response.entries.isEmpty { try? await Task.sleep(for: Self.lookEvery) }
    }
  }

  private func start(
    _ request: WatchAuditEntriesRequest, _ filter: AuditFilter
  ) async throws(StreamEnd) -> AuditToken {
    guard request.resumeToken.isEmpty else {
      guard
        let token = AuditToken(request.resumeToken, for: filter.name, of: StoreMark(engine))
      else { throw .refused(Refusal(.resumeTokenInvalid)) }
      return token
    }
    guard !request.fromBeginning else { return AuditToken() }
    do throws(EngineError) {
      return AuditToken(try await engine.audit.ends())
    } catch {
      throw .refused(ErrorTable.refusal(for: error))
    }
  }

  private func next(
    _ filter: AuditFilter, _ token: inout AuditToken, _ response: inout WatchAuditEntriesResponse
  ) async throws(StreamEnd) -> Bool {
    do throws(Refusal) {
      return try await read(filter, &token, Self.sizeStandard, into: &response.entries)
    } catch {
      throw .refused(error)
    }
  }

  private func send(
    _ response: WatchAuditEntriesResponse, _ writer: ResponseWriter<WatchAuditEntriesResponse>
  ) async throws(StreamEnd) {
    do throws(RPCError) {
      try await writer.send(response)
    } catch {
      throw .transport(error)
    }
  }
}

extension Capacity.AuditEntry {
  func message(_ record: AuditRecord) -> CupoSchema.AuditEntry {
    var message = unreadable
    message.kind = record.kind.message
    message.actor = record.source.actor
    message.roles = record.source.roles.compactMap { name in
      Role.allCases.first { "\($0)" == name }
    }
    message.peer = record.source.peer
    message.method = record.source.method
    message.subject = record.subject
    message.reason = record.reason
    message.requestID = record.source.requestID
    message.outcome = record.outcome
    message.before = record.before
    message.after = record.after
    message.count = record.count
    return message
  }

  /// What can be said of an entry whose text is not understood.
  var unreadable: CupoSchema.AuditEntry {
    var message = CupoSchema.AuditEntry()
    message.chain = chain.name
    message.sequence = sequence
    message.at = at.timestamp
    message.hash = hash.bytes
    return message
  }
}
