internal import CupoSchema
internal import Protobuf
internal import RPC
internal import RPCSchema

/// An error as a caller understands it: its status and the details of `grpc-status-details-bin`.
struct ErrorAnswer: Sendable {
  let error: RPCError
  /// Nil if there are no details, or none that can be read.
  let status: Status?
  private(set) var infos: [ErrorInfo] = []
  private(set) var badRequests: [BadRequest] = []
  private(set) var preconditions: [PreconditionFailure] = []
  private(set) var retryInfos: [RetryInfo] = []
  private(set) var localized: [LocalizedMessage] = []
  /// Type names of details that cannot be read.
  private(set) var unreadable: [String] = []

  init(_ error: RPCError) {
    self.error = error
    status = error.details.isEmpty ? nil : Self.decode(error.details)
    for detail in status?.details ?? [] { add(detail) }
  }

  /// The reason that the first ErrorInfo names, if this schema knows it.
  var reason: ErrorReason? {
    guard let name = infos.first?.reason else { return nil }
    return ErrorReason.allCases.first { $0.isKnown && $0.name == name }
  }

  /// ErrorInfo's metadata under this key.
  func metadata(_ key: String) -> String? {
    infos.first?.metadata.first { $0.key == key }?.value
  }

  /// The fields that BadRequest names.
  var fields: [String] { badRequests.flatMap(\.fieldViolations).map(\.field) }

  /// The status and the reason, as in `NOT_FOUND/PRODUCT_NOT_FOUND`.
  var kind: String { "\(error.code)/\(infos.first?.reason ?? "no ErrorInfo")" }

  var summary: String {
    let named = fields.isEmpty ? "" : " naming \(fields.prefix(8).joined(separator: ", "))"
    return "\(kind) \"\(error.message.prefix(200))\"\(named)"
  }

  private mutating func add(_ detail: ProtobufAny) {
    let type = detail.typeURL.split(separator: "/").last.map(String.init) ?? ""
    var understood = true
    switch type {
    case ErrorInfo.fullName: understood = Self.append(detail, to: &infos)
    case BadRequest.fullName: understood = Self.append(detail, to: &badRequests)
    case PreconditionFailure.fullName: understood = Self.append(detail, to: &preconditions)
    case RetryInfo.fullName: understood = Self.append(detail, to: &retryInfos)
    case LocalizedMessage.fullName: understood = Self.append(detail, to: &localized)
    default: break
    }
    if !understood { unreadable.append(type) }
  }

  private static func append<M: Message>(_ detail: ProtobufAny, to list: inout [M]) -> Bool {
    guard let message: M = decode(detail.value) else { return false }
    list.append(message)
    return true
  }

  private static func decode<M: Message>(_ bytes: [UInt8]) -> M? {
    // What cannot be read is reported as such.
    try? M(decoding: bytes.span)
  }
}
