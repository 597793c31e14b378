/// What a gate keeps for the calls of one connection: it lives as long as the connection and never leaves its loop.
package struct ConnectionMemory {
  /// Whatever the gate has put there.
  package var content: AnyObject?

  package init() {}
}
