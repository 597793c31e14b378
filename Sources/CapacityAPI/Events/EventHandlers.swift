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
    let filter: EventFilter
    do throws(Refusal) {
      filter = EventFilter(
        types: Set(request.types), sellerIDs: try caller.reach.sellers(named: request.sellerID))
    } catch {
      throw .refused(error)
    }
    try await EventWatch(engine: engine, request: request, filter: filter, writer: writer).run()
  }
}
