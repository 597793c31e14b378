import CupoContract
import CupoSchema
import Protobuf
import RPC

/// A server that passes calls on to a right one, and meddles with some of them.
struct MeddlingProxy {
  /// What it does to requests and responses on their way.
  struct Meddling: Sendable {
    var reserve: @Sendable (inout ReserveRequest) -> Void = { _ in }
    var reserved: @Sendable (inout ReserveResponse) -> Void = { _ in }
    var batched: @Sendable (inout BatchReserveResponse) -> Void = { _ in }
    var consume: @Sendable (inout ConsumeRequest) -> Void = { _ in }
    var consumed: @Sendable (inout ConsumeResponse) -> Void = { _ in }
    var release: @Sendable (inout ReleaseRequest) -> Void = { _ in }
    var released: @Sendable (inout ReleaseResponse) -> Void = { _ in }
    var put: @Sendable (inout PutResourceRequest) -> Void = { _ in }
    var listed: @Sendable (inout GetAvailabilityResponse) -> Void = { _ in }
    var summed: @Sendable (inout GetCalendarResponse) -> Void = { _ in }
    var answered: @Sendable (inout BatchGetAvailabilityResponse) -> Void = { _ in }
    var explained: @Sendable (inout ExplainAvailabilityResponse) -> Void = { _ in }
    var products: @Sendable (inout ListProductsRequest) -> Void = { _ in }
    var pause: @Sendable (inout SetPauseRequest) -> Void = { _ in }
    var watched: @Sendable (WatchAvailabilityResponse) -> Bool = { _ in true }
    var failed: @Sendable (inout RPCError) -> Void = { _ in }
  }

  private let client: Client
  private let meddling: Meddling

  /// Runs `body` against a proxy before the server at `target`.
  static func run(
    _ meddling: Meddling, before target: ContractTarget,
    _ body: (ContractTarget) async throws -> Void
  ) async throws {
    let client = try await Client.connect(host: target.host, port: target.port)
    let proxy = MeddlingProxy(client: client, meddling: meddling)
    let server = try await Server.start(ServerConfiguration(), proxy.table())
    var own = target
    (own.host, own.port) = (server.address.host, server.address.port)
    try await body(own)
    await server.drain(within: .seconds(1))
    await client.close()
  }

  private func table() -> ServiceTable {
    var table = ServiceTable()
    pass(CapacityService.reserve, &table, meddling.reserve, meddling.reserved)
    pass(CapacityService.batchReserve, &table, { _ in }, meddling.batched)
    pass(CapacityService.consume, &table, meddling.consume, meddling.consumed)
    pass(CapacityService.release, &table, meddling.release, meddling.released)
    pass(CapacityService.getReservation, &table, { _ in }, { _ in })
    pass(InventoryService.putResource, &table, meddling.put, { _ in })
    pass(InventoryService.getResource, &table, { _ in }, { _ in })
    pass(InventoryService.putProduct, &table, { _ in }, { _ in })
    pass(InventoryService.getProduct, &table, { _ in }, { _ in })
    pass(AvailabilityService.getAvailability, &table, { _ in }, meddling.listed)
    pass(AvailabilityService.getCalendar, &table, { _ in }, meddling.summed)
    pass(AvailabilityService.batchGetAvailability, &table, { _ in }, meddling.answered)
    pass(AvailabilityService.explainAvailability, &table, { _ in }, meddling.explained)
    pass(InventoryService.listProducts, &table, meddling.products, { _ in })
    pass(InventoryService.setPause, &table, meddling.pause, { _ in })
    let (client, meddling) = (client, meddling)
    table.serverStreaming(AvailabilityService.watchAvailability) {
      (request, context, writer) async throws(RPCError) in
      let stream = try await client.serverStreaming(
        AvailabilityService.watchAvailability, request, metadata: Self.passedOn(context))
      var messages = stream.makeAsyncIterator()
      while let message = try await messages.next() {
        if meddling.watched(message) { try await writer.send(message) }
      }
    }
    return table
  }

  // Whoever calls, calls as itself.
  private static func passedOn(_ context: CallContext) -> Metadata {
    var metadata = Metadata()
    for value in context.metadata.values(for: "authorization") {
      metadata.append("authorization", value)
    }
    return metadata
  }

  private func pass<Q: Message, R: Message>(
    _ method: Method<Q, R>, _ table: inout ServiceTable,
    _ before: @escaping @Sendable (inout Q) -> Void,
    _ after: @escaping @Sendable (inout R) -> Void
  ) {
    let (client, meddling) = (client, meddling)
    table.unary(method) { (request, context) async throws(RPCError) -> R in
      var request = request
      before(&request)
      do throws(RPCError) {
        var response: R = try await client.unary(
          method, request, metadata: Self.passedOn(context))
        after(&response)
        return response
      } catch {
        var error = error
        meddling.failed(&error)
        // Only what a handler says goes on: the status and its details.
        throw RPCError(code: error.code, message: error.message, details: error.details)
      }
    }
  }
}
