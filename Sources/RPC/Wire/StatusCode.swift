/// How a call ended (gRPC status codes).
package enum StatusCode: Int, Sendable, CaseIterable {
  case ok = 0
  case cancelled = 1
  case unknown = 2
  case invalidArgument = 3
  case deadlineExceeded = 4
  case notFound = 5
  case alreadyExists = 6
  case permissionDenied = 7
  case resourceExhausted = 8
  case failedPrecondition = 9
  case aborted = 10
  case outOfRange = 11
  case unimplemented = 12
  case `internal` = 13
  case unavailable = 14
  case dataLoss = 15
  case unauthenticated = 16
}

extension StatusCode {
  /// What an answer without a gRPC status means (gRPC, "HTTP to gRPC status code mapping").
  init(httpStatus: Int) {
    switch httpStatus {
    case 400: self = .internal
    case 401: self = .unauthenticated
    case 403: self = .permissionDenied
    case 404: self = .unimplemented
    case 429, 502, 503, 504: self = .unavailable
    default: self = .unknown
    }
  }

  /// What a reset means (gRPC, "HTTP2 transport mapping, errors").
  init(reset code: UInt32) {
    switch code {
    case 0x7: self = .unavailable
    case 0x8: self = .cancelled
    case 0xb: self = .resourceExhausted
    case 0xc: self = .permissionDenied
    default: self = .internal
    }
  }
}
