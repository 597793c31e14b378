internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import RPC

/// EventService: streams the log.
struct EventHandlers: Sendable {
  let engine: Engine

  func register(in registry: inout ServiceRegistry) {
    registry.serverStreaming(
      EventService.watchEvents, rules: { $0.violations() }, watchEvents)
  }

  @Sendable
  private func watchEvents(
    _ request: WatchEventsRequest, _ caller: Caller,
    _ writer: ResponseWriter<WatchEventsResponse>
  ) async throws(StreamEnd) {
    var request = request
    do throws(Refusal) {
      request.sellerID = try seller(request.sellerID, caller)
    } catch {
      throw .refused(error)
    }
    try await EventWatch(engine: engine, request: request, writer: writer).run()
  }

  // Who is nothing but a seller sees what is its own.
  private func seller(_ named: String, _ caller: Caller) throws(Refusal) -> String {
    guard !caller.principal.has(oneOf: [.worker, .support, .admin]) else { return named }
    guard named.isEmpty || named == caller.principal.subject else { throw Refusal(.notOwner) }
    return caller.principal.subject
  }
}
