package import Protobuf

/// The methods that a server answers, and how it words its own errors.
package struct ServiceTable: Sendable {
  /// When a handler starts.
  enum Start: Sendable {
    /// With the complete request, which it decodes.
    case whole(@Sendable (Span<UInt8>, ServerCall) -> Void)
    /// At once: the request is a stream.
    case stream(@Sendable (ServerCall) -> Void)
  }

  /// One method.
  final class Entry: Sendable {
    let path: String
    let pathBytes: [UInt8]
    let start: Start
    /// nil: for everybody.
    let gate: Gate?

    init(path: String, start: Start, gate: Gate?) {
      self.path = path
      pathBytes = Array(path.utf8)
      self.start = start
      self.gate = gate
    }
  }

  /// What a handler has answered, opaque to those around it.
  package struct Reply: Sendable {
    /// The one response with its prefix; nil: all is sent.
    let message: [UInt8]?
  }

  /// Runs around every handler: `next` runs it and throws what the call ends with, unless that is OK. What a decorator
  /// throws without `next` is the answer; what it changes in the context the handler sees.
  package typealias Decorator =
    @Sendable (
      _ context: CallContext, _ next: @Sendable (CallContext) async throws(RPCError) -> Reply
    ) async throws(RPCError) -> Reply

  private var decorator: Decorator?
  let faults: @Sendable (TransportFault, CallContext) -> RPCError
  private let gate: @Sendable (_ path: String) -> Gate?
  private(set) var entries: [Entry] = []
  private var buckets: [[Int]] = Array(repeating: [], count: bucketCount)

  private static let bucketCount = 256

  /// - Parameters:
  ///   - gate: what stands before the method at a path, asked for when the method is added; nil: it is for everybody.
  ///   - faults: words the errors that the server itself finds; without it they are plain gRPC statuses.
  package init(
    gate: @escaping @Sendable (_ path: String) -> Gate? = { _ in nil },
    faults: @escaping @Sendable (TransportFault, CallContext) -> RPCError = { fault, _ in
      fault.error
    }
  ) {
    self.gate = gate
    self.faults = faults
  }

  /// The paths of all methods, in the order in which they came.
  package var paths: [String] { entries.map(\.path) }

  /// Puts `decorator` around all handlers, inside of those that are there already.
  package mutating func decorate(_ decorator: @escaping Decorator) {
    guard let outer = self.decorator else {
      self.decorator = decorator
      return
    }
    self.decorator = { (context, next) async throws(RPCError) -> Reply in
      try await outer(context) { (context) async throws(RPCError) -> Reply in
        try await decorator(context, next)
      }
    }
  }

  var isDecorated: Bool { decorator != nil }

  /// A handler with its decorators around it.
  func decorated(
    _ body: @escaping @Sendable (CallContext) async throws(RPCError) -> [UInt8]?
  ) -> @Sendable (CallContext) async throws(RPCError) -> [UInt8]? {
    guard let decorator else { return body }
    return { (context) async throws(RPCError) -> [UInt8]? in
      try await decorator(context) { (context) async throws(RPCError) -> Reply in
        Reply(message: try await body(context))
      }.message
    }
  }

  /// Answers `method` by `handler`: one request, one response.
  package mutating func unary<Q: Message, R: Message>(
    _ method: Method<Q, R>,
    _ handler: @escaping @Sendable (Q, CallContext) async throws(RPCError) -> R
  ) {
    add(
      method.path,
      .whole { bytes, call in
        guard let request: Q = call.decode(bytes) else { return }
        call.run { (context) async throws(RPCError) -> [UInt8]? in
          MessageFrame.encode(try await handler(request, context))
        }
      })
  }

  /// The same by a handler that does not wait: it hands the answer on to whoever has the response one day. A call costs no task, so
  /// what is called most is answered so.
  package mutating func unary<Q: Message, R: Message>(
    _ method: Method<Q, R>,
    answering handler: @escaping @Sendable (Q, CallContext, Answer<R>) -> Void
  ) {
    add(
      method.path,
      .whole { bytes, call in
        guard let request: Q = call.decode(bytes) else { return }
        guard call.isDecorated else {
          return call.run { (context, call) in handler(request, context, Answer(to: call)) }
        }
        // Decorators wait for the response, so somebody has to.
        call.run { (context) async throws(RPCError) -> [UInt8]? in
          let result = await withCheckedContinuation { continuation in
            handler(request, context, Answer { continuation.resume(returning: $0) })
          }
          return try result.get()
        }
      })
  }

  /// The same where a request is looked at before it is decoded: `known` answers it at once, if it can, and `handler`, which is given
  /// the bytes too, otherwise.
  package mutating func unary<Q: Message, R: Message>(
    _ method: Method<Q, R>,
    known: @escaping @Sendable (Span<UInt8>, CallContext) -> EncodedMessage?,
    answering handler: @escaping @Sendable (Q, [UInt8], CallContext, Answer<R>) -> Void
  ) {
    add(
      method.path,
      .whole { bytes, call in
        if !call.isDecorated, call.answer(known: { known(bytes, $0) }) { return }
        guard let request: Q = call.decode(bytes) else { return }
        let bytes = bytes.copied()
        guard call.isDecorated else {
          return call.run { (context, call) in
            handler(request, bytes, context, Answer(to: call))
          }
        }
        // Decorators wait for the response, so somebody has to.
        call.run { (context) async throws(RPCError) -> [UInt8]? in
          let result = await withCheckedContinuation { continuation in
            handler(request, bytes, context, Answer { continuation.resume(returning: $0) })
          }
          return try result.get()
        }
      })
  }

  /// Answers `method` by `handler`: one request, any number of responses.
  package mutating func serverStreaming<Q: Message, R: Message>(
    _ method: Method<Q, R>,
    _ handler:
      @escaping @Sendable (Q, CallContext, ResponseWriter<R>) async throws(RPCError) -> Void
  ) {
    add(
      method.path,
      .whole { bytes, call in
        guard let request: Q = call.decode(bytes) else { return }
        let writer = ResponseWriter<R>(sink: call.makeSink())
        call.run { (context) async throws(RPCError) -> [UInt8]? in
          try await handler(request, context, writer)
          return nil
        }
      })
  }

  /// Answers `method` by `handler`: any number of requests, one response.
  ///
  /// A handler may answer before the client has sent all; the client is told to stop (RFC 9113, section 8.1).
  package mutating func clientStreaming<Q: Message, R: Message>(
    _ method: Method<Q, R>,
    _ handler: @escaping @Sendable (RequestStream<Q>, CallContext) async throws(RPCError) -> R
  ) {
    add(
      method.path,
      .stream { call in
        let requests = RequestStream<Q>(call.makeSource())
        call.run { (context) async throws(RPCError) -> [UInt8]? in
          MessageFrame.encode(try await handler(requests, context))
        }
      })
  }

  /// Answers `method` by `handler`: any number of requests, any number of responses, in any order.
  ///
  /// A handler may return before the client has sent all; the client is told to stop (RFC 9113, section 8.1).
  package mutating func bidirectional<Q: Message, R: Message>(
    _ method: Method<Q, R>,
    _ handler:
      @escaping @Sendable (RequestStream<Q>, CallContext, ResponseWriter<R>)
      async throws(RPCError) -> Void
  ) {
    add(
      method.path,
      .stream { call in
        let requests = RequestStream<Q>(call.makeSource())
        let writer = ResponseWriter<R>(sink: call.makeSink())
        call.run { (context) async throws(RPCError) -> [UInt8]? in
          try await handler(requests, context, writer)
          return nil
        }
      })
  }

  /// The number of the method at `path`.
  func find(_ path: Span<UInt8>) -> Int? {
    for index in buckets[Self.bucket(path)] {
      let candidate = entries[index].pathBytes
      if candidate.span.equals(path) { return index }
    }
    return nil
  }

  private mutating func add(_ path: String, _ start: Start) {
    let bytes = Array(path.utf8)
    precondition(find(bytes.span) == nil, "\(path) has a handler already")
    buckets[Self.bucket(bytes.span)].append(entries.count)
    entries.append(Entry(path: path, start: start, gate: gate(path)))
  }

  // FNV-1a: paths are short and registered by us, so nobody can choose them to collide.
  private static func bucket(_ path: Span<UInt8>) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in path.indices { hash = (hash ^ UInt64(path[index])) &* 0x100_0000_01b3 }
    return Int(hash % UInt64(bucketCount))
  }
}
