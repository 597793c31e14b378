internal import CupoSchema
internal import Protobuf
internal import RPC

/// Calls the server under test, and judges what comes back.
struct Caller: Sendable {
  /// How long one call may take.
  static let callTimeout: Duration = .seconds(15)

  let target: ContractTarget
  let client: Client

  /// Connects.
  ///
  /// - Throws: ``RPCError`` if nobody answers there.
  static func connect(to target: ContractTarget) async throws(RPCError) -> Caller {
    var configuration = ClientConfiguration()
    configuration.userAgent = "cupo-contract"
    configuration.connectTimeout = .seconds(5)
    configuration.tls = target.tls
    return Caller(
      target: target,
      client: try await Client.connect(
        host: target.host, port: target.port, configuration: configuration))
  }

  /// The same connection with another token; nil: none.
  func bearing(_ token: String?) -> Caller {
    var other = target
    other.metadata = Metadata()
    for (name, value) in target.metadata.fields where name != "authorization" {
      other.metadata.append(name, value)
    }
    if let token { other.metadata.append("authorization", "Bearer \(token)") }
    return Caller(target: other, client: client)
  }

  /// The same caller, whose calls are known by `requestID`.
  func naming(_ requestID: String) -> Caller {
    var other = target
    other.metadata.append("x-request-id", requestID)
    return Caller(target: other, client: client)
  }

  // MARK: Messages

  /// Calls `method`, which must succeed.
  func ok<Q: Message, R: Message>(
    _ method: Method<Q, R>, _ request: Q
  ) async throws(CheckFailure) -> R {
    do throws(RPCError) {
      return try await client.unary(
        method, request, metadata: target.metadata, timeout: Self.callTimeout)
    } catch {
      throw CheckFailure(
        expected: "\(method.name) succeeds", got: ErrorAnswer(error).summary,
        reproduce: reproduction(method.path, Self.frame(request.encoded())))
    }
  }

  /// Calls `method`, which must be refused with `reason`, in the shape that every error has.
  @discardableResult
  func refused<Q: Message, R: Message>(
    _ method: Method<Q, R>, _ request: Q, _ reason: ErrorReason
  ) async throws(CheckFailure) -> ErrorAnswer {
    try await refused(method.path, request.encoded(), [reason])
  }

  /// Sends `message` as the request, which must be refused with one of `reasons`, in the shape that
  /// every error has.
  @discardableResult
  func refused(
    _ path: String, _ message: [UInt8], _ reasons: [ErrorReason]
  ) async throws(CheckFailure) -> ErrorAnswer {
    let body = Self.frame(message)
    let answer = await raw(path, body: body)
    return try judge(answer, path, reasons, reproduction(path, body))
  }

  /// Goes on if `answer` is a refusal with one of `reasons`, in the shape that every error has.
  func judge(
    _ answer: Answer, _ path: String, _ reasons: [ErrorReason], _ reproduce: String?
  ) throws(CheckFailure) -> ErrorAnswer {
    let wanted = reasons.map { "\(code(of: $0))/\($0)" }.joined(separator: " or ")
    guard case .error(let error) = answer else {
      throw CheckFailure(expected: wanted, got: answer.summary, reproduce: reproduce)
    }
    let refusal = ErrorAnswer(error)
    guard let reason = refusal.reason, reasons.contains(reason) else {
      throw CheckFailure(expected: wanted, got: refusal.summary, reproduce: reproduce)
    }
    let faults = ErrorShape.faults(of: refusal, path: path)
    guard faults.isEmpty else {
      throw CheckFailure(
        expected: "\(wanted) in the shape of every error",
        got: "\(refusal.summary): \(faults.joined(separator: "; "))", reproduce: reproduce)
    }
    return refusal
  }

  private func code(of reason: ErrorReason) -> String {
    StatusCode(rawValue: reason.entry.code).map { "\($0)" } ?? "\(reason.entry.code)"
  }

  // MARK: Bytes

  /// Sends `body`, prefix and all, to `path`.
  func raw(
    _ path: String, body: [UInt8], metadata: Metadata? = nil
  ) async -> Answer {
    do throws(RPCError) {
      let response = try await client.raw(
        path: path, body: body, metadata: metadata ?? target.metadata, timeout: Self.callTimeout)
      if let error = response.error { return .error(error) }
      return .message(Array(response.body.dropFirst(5)))
    } catch {
      return .error(error)
    }
  }

  /// A command that sends `body` again.
  func reproduction(_ path: String, _ body: [UInt8]) -> String? {
    Reproduction.command(address: target.curlAddress, path: path, body: body)
  }

  /// `message` with the prefix that gRPC puts before it.
  static func frame(_ message: [UInt8]) -> [UInt8] {
    let length = UInt32(message.count)
    let prefix = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> UInt32($0)) }
    return [0] + prefix + message
  }

  /// Does `body` on a connection of its own, for calls after which a server may close it.
  func apart(
    _ body: (Caller) async throws(CheckFailure) -> Void
  ) async throws(CheckFailure) {
    let other: Caller
    do throws(RPCError) {
      other = try await Self.connect(to: target)
    } catch {
      throw CheckFailure(expected: "a new connection", got: error.message)
    }
    do throws(CheckFailure) {
      try await body(other)
    } catch {
      await other.client.close()
      throw error
    }
    await other.client.close()
  }
}
