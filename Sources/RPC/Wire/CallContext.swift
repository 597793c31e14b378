/// What a handler knows about its call besides the request.
package struct CallContext: Sendable {
  /// The `:path`, `/service/method`.
  package let path: String
  /// What the caller sent along.
  package let metadata: Metadata
  /// When the caller stops waiting; nil: never.
  package let deadline: ContinuousClock.Instant?
  /// The caller's address, as in `127.0.0.1:40112`.
  package let peer: String
  /// Who the caller is by its certificate; nil: it has shown none, or none was asked for.
  package let identity: PeerIdentity?

  /// Who calls, as a decorator has found out.
  package var principal: (any AnyObject & Sendable)?
  /// Whether the request of a call with only one had come compressed.
  package internal(set) var wasRequestCompressed = false
  /// Whether the caller takes messages that are compressed by gzip.
  package internal(set) var acceptsGzip = false
  /// What a handler can say about its answer besides messages; without effect outside of a call.
  package internal(set) var reply = ReplyOptions()

  package init(
    path: String, metadata: Metadata = Metadata(), deadline: ContinuousClock.Instant? = nil,
    peer: String = "", identity: PeerIdentity? = nil
  ) {
    self.path = path
    self.metadata = metadata
    self.deadline = deadline
    self.peer = peer
    self.identity = identity
  }
}
