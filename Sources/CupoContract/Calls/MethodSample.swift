internal import CupoSchema
internal import Protobuf
internal import RPC

/// An RPC with a valid request, for checks that go over all RPCs.
struct MethodSample: Sendable {
  let entry: MethodEntry
  /// A request that breaks no rule, in wire form. What it names need not exist.
  let valid: @Sendable (ContractRun) -> [UInt8]
  /// What the generated rules find wrong with a request in wire form; nil if it is no such message.
  let violations: @Sendable ([UInt8]) -> [FieldViolation]?
  /// The request decoded and encoded again; nil if it is no such message.
  let roundTrip: @Sendable ([UInt8]) -> [UInt8]?
  /// Sends a request in wire form; of a stream, answers the first message.
  let send: @Sendable (Caller, [UInt8]) async -> Answer

  init<Q: Message, R: Message>(
    _ method: Method<Q, R>, violations: @escaping @Sendable (Q) -> [FieldViolation],
    valid: @escaping @Sendable (ContractRun) -> Q
  ) {
    guard let entry = MethodEntry.all.first(where: { $0.path == method.path }) else {
      preconditionFailure("\(method.path) is not in the contract")
    }
    self.entry = entry
    self.valid = { valid($0).encoded() }
    self.violations = { Self.decode($0).map(violations) }
    roundTrip = { (bytes: [UInt8]) in (Self.decode(bytes) as Q?)?.encoded() }
    if method.serverStreaming {
      send = { caller, bytes in
        guard let request: Q = Self.decode(bytes) else {
          return await caller.raw(method.path, body: Caller.frame(bytes))
        }
        return await Self.first(method, request, caller)
      }
    } else {
      send = { caller, bytes in await caller.raw(method.path, body: Caller.frame(bytes)) }
    }
  }

  private static func decode<Q: Message>(_ bytes: [UInt8]) -> Q? {
    // Nil is what the callers ask for.
    try? Q(decoding: bytes.span)
  }

  private static func first<Q: Message, R: Message>(
    _ method: Method<Q, R>, _ request: Q, _ caller: Caller
  ) async -> Answer {
    do throws(RPCError) {
      let stream = try await caller.client.serverStreaming(
        method, request, metadata: caller.target.metadata, timeout: Caller.callTimeout)
      var messages = stream.makeAsyncIterator()
      guard let first = try await messages.next() else {
        return .error(RPCError(code: .internal, message: "the stream ended without a message"))
      }
      return .message(first.encoded())
    } catch {
      return .error(error)
    }
  }
}
