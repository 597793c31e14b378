import RPC

/// The cases by the names that gRPC's description of its interoperability tests gives them (`cacheable_unary` and
/// `slow_consumer` by the same pattern).
enum InteropCase: String, CaseIterable {
  case emptyUnary = "empty_unary"
  case cacheableUnary = "cacheable_unary"
  case largeUnary = "large_unary"
  case clientCompressedUnary = "client_compressed_unary"
  case serverCompressedUnary = "server_compressed_unary"
  case clientStreaming = "client_streaming"
  case clientCompressedStreaming = "client_compressed_streaming"
  case serverStreaming = "server_streaming"
  case serverCompressedStreaming = "server_compressed_streaming"
  case pingPong = "ping_pong"
  case emptyStream = "empty_stream"
  case halfDuplex = "half_duplex"
  case customMetadata = "custom_metadata"
  case statusCodeAndMessage = "status_code_and_message"
  case specialStatusMessage = "special_status_message"
  case unimplementedMethod = "unimplemented_method"
  case unimplementedService = "unimplemented_service"
  case cancelAfterBegin = "cancel_after_begin"
  case cancelAfterFirstResponse = "cancel_after_first_response"
  case timeoutOnSleepingServer = "timeout_on_sleeping_server"
  case rpcSoak = "rpc_soak"
  case channelSoak = "channel_soak"
  case slowConsumer = "slow_consumer"

  /// Plays the case on a connection of its own.
  ///
  /// - Throws: ``CaseFailure`` or ``RPCError`` if the server does not do what the case asks for.
  func play(host: String, port: Int) async throws {
    if self == .channelSoak { return try await Player.channelSoak(host, port) }
    let client = try await Client.connect(host: host, port: port)
    do {
      try await play(Player(client: client))
    } catch {
      await client.close()
      throw error
    }
    await client.close()
  }

  private func play(_ player: Player) async throws {
    switch self {
    case .emptyUnary: try await player.emptyUnary()
    case .cacheableUnary: try await player.cacheableUnary()
    case .largeUnary: try await player.largeUnary()
    case .clientCompressedUnary: try await player.clientCompressedUnary()
    case .serverCompressedUnary: try await player.serverCompressedUnary()
    case .clientStreaming: try await player.clientStreaming()
    case .clientCompressedStreaming: try await player.clientCompressedStreaming()
    case .serverStreaming: try await player.serverStreaming()
    case .serverCompressedStreaming: try await player.serverCompressedStreaming()
    case .pingPong: try await player.pingPong()
    case .emptyStream: try await player.emptyStream()
    case .halfDuplex: try await player.halfDuplex()
    case .customMetadata: try await player.customMetadata()
    case .statusCodeAndMessage: try await player.status(2, "test status message")
    case .specialStatusMessage: try await player.status(2, Player.specialMessage)
    case .unimplementedMethod: try await player.unimplemented(method: true)
    case .unimplementedService: try await player.unimplemented(method: false)
    case .cancelAfterBegin: try await player.cancelAfterBegin()
    case .cancelAfterFirstResponse: try await player.cancelAfterFirstResponse()
    case .timeoutOnSleepingServer: try await player.timeoutOnSleepingServer()
    case .rpcSoak: for _ in 0..<100 { try await player.largeUnary() }
    case .slowConsumer: try await player.slowConsumer()
    case .channelSoak: preconditionFailure("channel_soak makes its own connections")
    }
  }
}
