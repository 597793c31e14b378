internal import HTTP2

/// An error as the header fields of an answer that is nothing but it, made once for those who answer it often.
package final class PreparedStatus: Sendable, Equatable {
  let block: HeaderBlock

  init(_ error: RPCError) {
    block = StatusTrailers.only(error)
  }

  // It says what the error says.
  package static func == (left: PreparedStatus, right: PreparedStatus) -> Bool { true }
}
