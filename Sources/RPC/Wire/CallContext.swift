/// What a handler knows about its call besides the request.
package struct CallContext: Sendable {
  /// What the call has come with. One object, for a context is handed on from hand to hand.
  private final class Arrival: Sendable {
    let path: String
    let metadata: Metadata
    let deadline: ContinuousClock.Instant?
    let peer: String
    let identity: PeerIdentity?

    init(
      _ path: String, _ metadata: Metadata, _ deadline: ContinuousClock.Instant?, _ peer: String,
      _ identity: PeerIdentity?
    ) {
      self.path = path
      self.metadata = metadata
      self.deadline = deadline
      self.peer = peer
      self.identity = identity
    }
  }

  private let arrival: Arrival

  /// The `:path`, `/service/method`.
  package var path: String { arrival.path }
  /// What the caller sent along.
  package var metadata: Metadata { arrival.metadata }
  /// When the caller stops waiting; nil: never.
  package var deadline: ContinuousClock.Instant? { arrival.deadline }
  /// The caller's address, as in `127.0.0.1:40112`.
  package var peer: String { arrival.peer }
  /// Who the caller is by its certificate; nil: it has shown none, or none was asked for.
  package var identity: PeerIdentity? { arrival.identity }

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
    arrival = Arrival(path, metadata, deadline, peer, identity)
  }
}
