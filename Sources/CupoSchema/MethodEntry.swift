internal import Protobuf

/// One row of the access table: a method without its types, for code that goes over all methods.
package struct MethodEntry: Hashable, Sendable {
  /// The HTTP/2 `:path`.
  package let path: String
  package let service: String
  package let name: String
  package let clientStreaming: Bool
  package let serverStreaming: Bool
  /// Full names of the message types.
  package let requestType: String
  package let responseType: String
  package let contract: MethodContract

  init<Request, Response>(_ method: Method<Request, Response>, _ contract: MethodContract) {
    path = method.path
    service = method.service
    name = method.name
    clientStreaming = method.clientStreaming
    serverStreaming = method.serverStreaming
    requestType = Request.fullName
    responseType = Response.fullName
    self.contract = contract
  }
}
