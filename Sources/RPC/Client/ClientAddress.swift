internal import Synchronization

/// One address of a client: its connection, made again when it has gone and somebody wants it.
final class ClientAddress: Sendable {
  private struct State {
    var link: ClientLink?
    var connecting: Task<Result<ClientLink, RPCError>, Never>?
    var isClosed = false
  }

  let host: String
  let port: Int
  private let configuration: ClientConfiguration
  private let state = Mutex(State())

  init(_ host: String, _ port: Int, _ configuration: ClientConfiguration) {
    self.host = host
    self.port = port
    self.configuration = configuration
  }

  func close() {
    let link = state.withLock { state in
      state.isClosed = true
      defer { state.link = nil }
      return state.link
    }
    link?.close()
  }

  /// A connection that takes calls; those who want one at the same time share it.
  func link() async throws(RPCError) -> ClientLink {
    let task = try claim()
    switch task {
    case .ready(let link): return link
    case .connecting(let task): return try await task.value.get()
    }
  }

  private enum Claim {
    case ready(ClientLink)
    case connecting(Task<Result<ClientLink, RPCError>, Never>)
  }

  private func claim() throws(RPCError) -> Claim {
    try state.withLock { state throws(RPCError) in
      if state.isClosed { throw RPCError(code: .unavailable, message: "the client is closed") }
      if let link = state.link, link.isUsable { return .ready(link) }
      if let task = state.connecting { return .connecting(task) }
      let task = Task { await self.connect() }
      state.connecting = task
      return .connecting(task)
    }
  }

  private func connect() async -> Result<ClientLink, RPCError> {
    let result: Result<ClientLink, RPCError>
    do throws(RPCError) {
      result = .success(try await ClientLink.connect(host: host, port: port, configuration))
    } catch {
      result = .failure(error)
    }
    let isClosed = state.withLock { state in
      state.connecting = nil
      if case .success(let link) = result, !state.isClosed { state.link = link }
      return state.isClosed
    }
    guard isClosed, case .success(let link) = result else { return result }
    link.close()
    return .failure(RPCError(code: .unavailable, message: "the client is closed"))
  }
}
