internal import CupoSchema
internal import Identity
internal import RPC

/// A call that failed through the server's own fault, for its log. The caller is told the ``id`` and nothing else.
package struct Incident: Equatable, Sendable {
  /// 16 hexadecimal digits, by which caller and log find together.
  package let id: String
  /// What the caller calls its call (`x-request-id`); nil: nothing that can be logged.
  package let requestID: String?
  /// The `:path`.
  package let method: String
  /// Who called; nil: nobody that is known.
  package let principal: String?
  /// The caller's address.
  package let peer: String
  /// Where in the sources it was noticed.
  package let origin: String

  init(_ call: CallContext, _ refusal: Refusal) {
    let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
    id = String(repeating: "0", count: 16 - digits.count) + digits
    requestID = call.metadata["x-request-id"].flatMap { Principal.isID($0) ? $0 : nil }
    method = call.path
    principal = (call.principal as? Principal)?.subject
    peer = call.peer
    origin = "\(refusal.origin.file):\(refusal.origin.line)"
  }

  /// Is told of incidents, each once. Called on the loop of the call; it must not wait.
  package typealias Log = @Sendable (Incident) -> Void
}

extension Refusal {
  /// The status in the language that the call asks for. A defect is logged and gets an id that leads there.
  func status(of call: CallContext, _ log: Incident.Log) -> RPCError {
    guard reason == .internal else { return status(of: call) }
    let incident = Incident(call, self)
    log(incident)
    var told = Refusal(.internal)
    told.metadata = [.init("incident", incident.id)]
    return told.status(of: call)
  }
}
