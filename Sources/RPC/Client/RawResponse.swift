/// An answer as it came over the wire.
package struct RawResponse: Sendable {
  /// The `:status`; 0 if there was none.
  package var httpStatus = 0
  package var headers = Metadata()
  package var body: [UInt8] = []
  /// Empty for an answer whose headers are its trailers ("Trailers-Only").
  package var trailers = Metadata()

  package init() {}

  /// What `grpc-status` and its companions say, wherever they stand; nil for success.
  package var error: RPCError? {
    let isTrailersOnly = headers["grpc-status"] != nil
    return StatusTrailers.outcome((isTrailersOnly ? headers : trailers).block)
  }
}
