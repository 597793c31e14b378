/// A call that did not succeed.
package struct RPCError: Error, Sendable, Equatable {
  /// Never ``StatusCode/ok``.
  package var code: StatusCode
  /// For a person who debugs; it goes over the wire percent-encoded.
  package var message: String
  /// A serialized `google.rpc.Status` for `grpc-status-details-bin`; empty: none.
  package var details: [UInt8]
  /// More trailers.
  package var metadata: Metadata
  /// See ``prepared()``.
  private(set) var status: PreparedStatus?

  package init(
    code: StatusCode, message: String, details: [UInt8] = [], metadata: Metadata = Metadata()
  ) {
    self.code = code
    self.message = message
    self.details = details
    self.metadata = metadata
  }

  /// The same error, put into header fields already: for what a gate answers often. It must not be changed any more.
  package func prepared() -> RPCError {
    var error = self
    error.status = PreparedStatus(self)
    return error
  }
}
