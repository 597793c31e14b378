package import CupoSchema
internal import Protobuf
package import RPC
internal import RPCSchema

extension CupoError {
  /// What a failed call tells, its `google.rpc.Status` included.
  ///
  /// Details that cannot be read are left out: a damaged explanation must not hide the failure that it explains.
  package init(_ error: RPCError) {
    self.init(error.code, Self.reason(of: error.code), error.message)
    guard !error.details.isEmpty, let status = try? Status(decoding: error.details.span) else {
      return
    }
    for detail in status.details { read(detail) }
  }

  /// What one request of a batch was refused for, as Reserve alone would have told it.
  package init(_ error: ReserveError) {
    self.init(
      RPCError(
        code: StatusCode(rawValue: Int(error.code)) ?? .unknown, message: error.message,
        details: error.encoded()))
  }

  // The reasons that gRPC itself can tell without Cupo's details.
  private static func reason(of code: StatusCode) -> ErrorReason {
    switch code {
    case .deadlineExceeded: .deadlineExceeded
    case .unimplemented: .methodUnimplemented
    default: .unspecified
    }
  }

  private mutating func read(_ detail: ProtobufAny) {
    // Undecodable details are as good as absent ones; see init.
    if let info = try? detail.unpacked(as: ErrorInfo.self) {
      read(info)
    } else if let request = try? detail.unpacked(as: BadRequest.self) {
      fieldViolations += request.fieldViolations.map {
        FieldViolation(field: $0.field, description: $0.description)
      }
    } else if let failure = try? detail.unpacked(as: PreconditionFailure.self) {
      preconditions += failure.violations.map {
        Precondition(type: $0.type, subject: $0.subject, description: $0.description)
      }
    } else if let retry = try? detail.unpacked(as: RetryInfo.self), let delay = retry.retryDelay {
      retryAfter = .seconds(delay.seconds) + .nanoseconds(Int64(delay.nanos))
    } else if let text = try? detail.unpacked(as: LocalizedMessage.self) {
      localizedText = text.message
    }
  }

  private mutating func read(_ info: ErrorInfo) {
    guard info.domain == Self.domain else { return }
    reason = ErrorReason.allCases.first { $0.name == info.reason } ?? .unspecified
    metadata["reason"] = reason == .unspecified ? info.reason : nil
    for entry in info.metadata { metadata[entry.key] = entry.value }
  }

  private static let domain = "cupo"
}
