internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf
internal import RPC

/// One WatchEvents call: what is stored behind the token, then what is written, page by page.
///
/// It keeps a position and nothing else. A reader that does not read keeps its call waiting in `send`, and costs no more
/// than that; what it has not read stays in the store.
struct EventWatch: Sendable {
  /// Events in one message at most; an event that carries a definition, which can be large, goes alone.
  private static let eventsPerMessage = 100
  /// An idle watch says that it lives this often.
  private static let progress = Duration.seconds(15)

  let engine: Engine
  let request: WatchEventsRequest
  let filter: EventFilter
  let writer: ResponseWriter<WatchEventsResponse>

  func run() async throws(StreamEnd) {
    var position = try start()
    let reader = try reader()
    defer { reader.cancel() }
    var lastSent = ContinuousClock.now
    // The first mark says that all that was stored has been sent; from then on the reader waits for what happens.
    var isAtEnd = false
    var isBeforeFirst = true
    while true {
      let end = engine.events.position
      let page =
        position < end ? try await self.page(after: &position, isBeforeFirst: isBeforeFirst) : []
      if let last = page.last {
        if try await send(page) { lastSent = .now }
        position = last.sequence
        isBeforeFirst = false
      }
      let reachesEnd = !isAtEnd && position >= end
      if reachesEnd || .now - lastSent >= Self.progress {
        try await send([], after: position)
        lastSent = .now
        isAtEnd = isAtEnd || reachesEnd
      }
      // A store that lost what it had answers nothing before the end: no reason to ask it without a pause.
      guard position >= end || page.isEmpty else { continue }
      let patience = (Self.progress - (.now - lastSent)) / .seconds(1)
      guard await reader.wait(atMost: max(0, patience)) else { break }
    }
    if Task.isCancelled { return }
    throw .refused(Refusal(.shuttingDown))
  }

  private func start() throws(StreamEnd) -> UInt64 {
    let events = engine.events
    guard !request.resumeToken.isEmpty else {
      return request.fromBeginning ? 0 : events.position
    }
    guard let token = EventToken(request.resumeToken, for: filter, of: StoreMark(engine)),
      // A store that was put back to an older state has not seen what this reader has.
      token.sequence <= events.position
    else { throw .refused(Refusal(.resumeTokenInvalid)) }
    return token.sequence
  }

  private func page(
    after position: inout UInt64, isBeforeFirst: Bool
  ) async throws(StreamEnd) -> [Capacity.Event] {
    while true {
      switch try await stored(after: position) {
      case .events(let events): return events
      case .compacted:
        // The oldest event is whichever is the oldest when it is read.
        guard isBeforeFirst, request.fromBeginning, request.resumeToken.isEmpty else {
          throw .refused(Refusal(.resumeTokenCompacted))
        }
        position = engine.events.floor
      }
    }
  }

  private func stored(after position: UInt64) async throws(StreamEnd) -> EventFeed.Page {
    do throws(EngineError) {
      return try await engine.events.page(after: position, limit: EventFeed.pageMax)
    } catch {
      throw .refused(ErrorTable.refusal(for: error))
    }
  }

  private func reader() throws(StreamEnd) -> EventReader {
    do throws(EngineError) {
      return try engine.events.reader()
    } catch {
      throw .refused(ErrorTable.refusal(for: error))
    }
  }

  // MARK: Sending

  // Answers whether there was anything to send.
  private func send(_ page: [Capacity.Event]) async throws(StreamEnd) -> Bool {
    let view = EventView(filter, in: engine.catalogue, engine.naming)
    var part: [CupoSchema.Event] = []
    var hasSent = false
    for event in page {
      guard let message = view.message(of: event) else { continue }
      let isLarge = message.resource != nil || message.product != nil
      if isLarge, !part.isEmpty {
        try await send(part, after: event.sequence - 1)
        part.removeAll()
      }
      part.append(message)
      guard isLarge || part.count == Self.eventsPerMessage else { continue }
      try await send(part, after: event.sequence)
      part.removeAll()
      hasSent = true
    }
    guard let last = page.last, !part.isEmpty else { return hasSent }
    try await send(part, after: last.sequence)
    return true
  }

  private func send(
    _ events: [CupoSchema.Event], after sequence: UInt64
  ) async throws(StreamEnd) {
    var response = WatchEventsResponse()
    response.events = events
    response.resumeToken = EventToken(after: sequence).bytes(for: filter, of: StoreMark(engine))
    do throws(RPCError) {
      try await writer.send(response)
    } catch {
      throw .transport(error)
    }
  }
}
