internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf
internal import RPC

/// AvailabilityService: lists and watches what the evaluator says. It decides nothing.
struct AvailabilityHandlers: Sendable {
  /// Slots of one page at most, and where none is asked for.
  static let pageMax = 5000
  /// Dates of one request at most.
  static let datesMax = 366

  let engine: Engine
  let tzdataVersion: String
  let clock: @Sendable () -> Instant

  func register(in registry: inout ServiceRegistry) {
    registry.unary(
      AvailabilityService.getAvailability, rules: { $0.violations() }, getAvailability)
    registry.serverStreaming(
      AvailabilityService.watchAvailability, rules: { $0.violations() }, watchAvailability)
  }

  @Sendable
  private func getAvailability(
    _ request: GetAvailabilityRequest, _ caller: Caller
  ) async throws(Refusal) -> GetAvailabilityResponse {
    var catalogue = engine.catalogue
    // A catalogue that changes between planning and reading is rare; then plan once more on what was read.
    while true {
      let page = try AvailabilityPage(request, in: catalogue, at: clock())
      let reading = try await engine.reading(of: page.slots.flatMap(\.pools))
      guard reading.catalogue.revision == catalogue.revision else {
        catalogue = reading.catalogue
        continue
      }
      return page.response(request, reading, tzdataVersion)
    }
  }

  @Sendable
  private func watchAvailability(
    _ request: WatchAvailabilityRequest, _ caller: Caller,
    _ writer: ResponseWriter<WatchAvailabilityResponse>
  ) async throws(StreamEnd) {
    let watch = AvailabilityWatch(engine: engine, request: request, clock: clock, writer: writer)
    try await watch.run()
  }
}
