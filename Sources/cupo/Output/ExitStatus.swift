internal import CupoClient
internal import CupoSchema
internal import RPC

/// What the program's exit code says; docs/cli.md has the table for people.
enum ExitStatus: Int32, CaseIterable {
  case ok = 0
  /// Something that should not happen.
  case unexpected = 1
  /// The command line, a file or a field is wrong.
  case usage = 2
  /// A rule says no: sold out, closed, expired.
  case refused = 3
  case notFound = 4
  /// Something changed meanwhile, or a key came before with another payload.
  case conflict = 5
  /// Nobody answers, not in time, or not now: the same call can succeed later.
  case unavailable = 6
  /// The caller may not do this.
  case notAllowed = 7

  init(_ error: CupoError) {
    switch error.reason {
    case .rateLimited: self = .unavailable
    case .messageTooLarge: self = .usage
    case .unspecified: self.init(code: error.code)
    default: self.init(code: StatusCode(rawValue: error.reason.entry.code) ?? error.code)
    }
  }

  init(code: StatusCode) {
    switch code {
    case .ok: self = .ok
    case .invalidArgument: self = .usage
    case .resourceExhausted, .failedPrecondition: self = .refused
    case .notFound: self = .notFound
    case .alreadyExists, .aborted, .outOfRange: self = .conflict
    case .unavailable, .deadlineExceeded, .cancelled: self = .unavailable
    case .unauthenticated, .permissionDenied: self = .notAllowed
    case .unknown, .unimplemented, .internal, .dataLoss: self = .unexpected
    }
  }

  var meaning: String {
    switch self {
    case .ok: "done"
    case .unexpected: "internal or unexpected error"
    case .usage: "wrong command line, file or argument"
    case .refused: "refused by a rule: sold out, closed, expired"
    case .notFound: "not found"
    case .conflict: "conflict: version, or a key used before"
    case .unavailable: "unavailable, too late, or cannot connect"
    case .notAllowed: "not allowed"
    }
  }
}
