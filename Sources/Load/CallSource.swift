/// Writes the calls of a run and reads what comes back. It never leaves its loop.
package protocol CallSource: AnyObject {
  /// Whether ``answered(_:isOK:body:)`` wants bodies; without them it costs less.
  var readsAnswers: Bool { get }
  /// The next call; nil: there is nothing to ask now. If nothing is open either, the run is over.
  func next() -> LoadCall?
  /// A call has been answered. `body` has the messages with their prefixes, where they are wanted.
  func answered(_ call: LoadCall.Tag, isOK: Bool, body: Span<UInt8>) -> LoadTally
}

/// A call that is to be made.
package struct LoadCall {
  /// What the source wants to know about a call when it is answered.
  package struct Tag: Equatable, Sendable {
    /// The place of the method in ``LoadPlan/paths``.
    package var method: Int
    package var number: Int

    package init(method: Int, number: Int = 0) {
      self.method = method
      self.number = number
    }
  }

  package var tag: Tag
  /// The request with gRPC's prefix.
  package var body: [UInt8]

  package init(_ tag: Tag, body: [UInt8]) {
    self.tag = tag
    self.body = body
  }
}

/// What one call asked for, and how much of it was refused.
package struct LoadTally: Equatable, Sendable {
  package var requests = 1
  package var errors = 0

  package init(requests: Int = 1, errors: Int = 0) {
    self.requests = requests
    self.errors = errors
  }
}
