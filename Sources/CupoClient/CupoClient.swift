// CupoClient is how Swift programs call Cupo: one typed method for each RPC, and every failure as one typed error that
// speaks the catalogue's language. The command line and the contract suite stand on it.
//
// It is not for transport (RPC does that) and not for retries: which call may be sent again is the caller's decision, and
// keys make it harmless.
//
// Before changing it, know this: a call without a timeout of its own gets the deadline that its method's contract names.

internal import CupoSchema
package import Protobuf
package import RPC

/// A connection to a Cupo server.
package final class CupoClient: Sendable {
  /// How to connect.
  package struct Configuration: Sendable {
    /// What `accept-language` asks for: the language of the texts for people.
    package var language = "en"
    /// Instead of the contract's deadline, for every unary call; nil: the contract's.
    package var timeout: Duration?
    /// Called before each call: what to send along, as a token.
    package var metadata: @Sendable () -> Metadata = { Metadata() }

    /// How to check who the server is; nil: no TLS.
    package var tls: ClientTLS?

    package init() {}
  }

  private let client: Client
  private let configuration: Configuration

  private init(_ client: Client, _ configuration: Configuration) {
    self.client = client
    self.configuration = configuration
  }

  /// Connects to a server.
  ///
  /// - Throws: ``CupoError`` with ``StatusCode/unavailable`` if nobody answers there.
  package static func connect(
    to endpoint: Endpoint, configuration: Configuration = Configuration()
  ) async throws(CupoError) -> CupoClient {
    do throws(RPCError) {
      var transport = ClientConfiguration()
      transport.tls = configuration.tls
      let client = try await Client.connect(
        host: endpoint.host, port: endpoint.port, configuration: transport)
      return CupoClient(client, configuration)
    } catch {
      throw CupoError(error)
    }
  }

  /// Ends the connection and all calls on it.
  package func close() async {
    await client.close()
  }

  /// Calls `method`, within `timeout` or its contract's deadline.
  package func call<Q: Message, R: Message>(
    _ method: Method<Q, R>, _ request: Q, timeout: Duration? = nil
  ) async throws(CupoError) -> R {
    do throws(RPCError) {
      return try await client.unary(
        method, request, metadata: metadata(),
        timeout: timeout ?? configuration.timeout ?? Deadlines.of(method.path))
    } catch {
      throw CupoError(error)
    }
  }

  func stream<Q: Message, R: Message>(
    _ method: Method<Q, R>, _ request: Q
  ) async throws(CupoError) -> ResponseStream<R> {
    do throws(RPCError) {
      return try await client.serverStreaming(method, request, metadata: metadata())
    } catch {
      throw CupoError(error)
    }
  }

  private func metadata() -> Metadata {
    var metadata = configuration.metadata()
    metadata.append("accept-language", configuration.language)
    return metadata
  }
}
