// Load keeps unary calls in flight against a gRPC server and says how long they took: what `cupo bench` stands on.
//
// It is not for what the calls say (the caller's `CallSource` writes their bytes) nor for a client that anybody should use: it has
// no tasks, no messages, no retries and no TLS, because what the generator costs is taken from the server beside it.
//
// Before changing it, know this: a call's time begins when it was meant to be sent, not when there was room to send it. In an open
// loop a server that stalls makes every call behind the stall late, as it would people; leaving them out flatters it.

internal import NIOCore
internal import NIOPosix

/// One run of load.
package enum Load {
  /// Connects, warms up, measures, and waits for what is still open.
  ///
  /// - Throws: ``LoadFailure`` if there is no connection, or one is lost.
  package static func run(_ plan: LoadPlan) async throws(LoadFailure) -> LoadResult {
    do {
      let loop = MultiThreadedEventLoopGroup.singleton.next()
      let promise = loop.makePromise(of: LoadResult.self)
      let driver = try await loop.submit {
        NIOLoopBound(LoadDriver(plan, promise), eventLoop: loop)
      }.get()
      for number in 0..<plan.connections {
        let share = plan.inFlight / plan.connections
        let inFlight = share + (number < plan.inFlight % plan.connections ? 1 : 0)
        try await connect(plan, driver, inFlight, loop)
      }
      try await loop.submit { driver.value.start() }.get()
      return try await promise.futureResult.get()
    } catch let error as LoadFailure {
      throw error
    } catch {
      throw LoadFailure("\(error)")
    }
  }

  private static func connect(
    _ plan: LoadPlan, _ driver: NIOLoopBound<LoadDriver>, _ inFlight: Int, _ loop: any EventLoop
  ) async throws {
    let bootstrap = ClientBootstrap(group: loop)
      .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 64 * 1_024))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let connection = try LoadConnection(plan, driver.value, inFlight: inFlight)
          try channel.pipeline.syncOperations.addHandler(connection)
          driver.value.connections.append(connection)
        }
      }
    switch plan.address {
    case .socket(let path): _ = try await bootstrap.connect(unixDomainSocketPath: path).get()
    case .host(let host, let port):
      _ = try await bootstrap.channelOption(.socketOption(.tcp_nodelay), value: 1)
        .connect(host: host, port: port).get()
    }
  }
}

/// Why a run has no result.
package struct LoadFailure: Error {
  /// A sentence.
  package let text: String

  init(_ text: String) {
    self.text = text
  }
}
