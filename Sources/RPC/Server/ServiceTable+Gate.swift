extension ServiceTable {
  /// Judges a call when its headers are there, before anything of its request is taken: it answers with whom the call is from,
  /// which the handler sees as ``CallContext/principal``, or with what the call ends with.
  ///
  /// It is called on the connection's loop, for each call, and must not wait.
  package typealias Gate =
    @Sendable (
      _ call: CallContext, _ memory: inout ConnectionMemory
    ) -> Result<(any AnyObject & Sendable)?, RPCError>
}
