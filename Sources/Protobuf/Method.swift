/// One method of a service, with the types that it takes and answers.
package struct Method<Request: Message, Response: Message>: Sendable {
  /// The full name of the service, as in `cupo.capacity.v1.CapacityService`.
  package let service: String
  /// The method's own name, as in `Reserve`.
  package let name: String
  /// Whether the client sends a stream of requests.
  package let clientStreaming: Bool
  /// Whether the server answers with a stream of responses.
  package let serverStreaming: Bool
  /// The HTTP/2 `:path`, `/service/name`.
  package let path: String

  package init(
    service: String, name: String, clientStreaming: Bool = false, serverStreaming: Bool = false
  ) {
    self.service = service
    self.name = name
    self.clientStreaming = clientStreaming
    self.serverStreaming = serverStreaming
    self.path = "/\(service)/\(name)"
  }
}
