extension Pool {
  /// The pool as the log has it once an event of `kind` has moved it. A movement without units tells a balance and leaves
  /// the pool alone, but that of an extension: the pool's next expiry is another, which its followers learn by its revision;
  /// a repair says itself which revision the pool has then.
  package func moved(by movement: Movement, kind: Event.Kind) -> Pool {
    var pool = self
    // A damaged log must be reported, not end the program that looks at it.
    pool.held &+= movement.held
    pool.consumed &+= movement.consumed
    if kind == .repaired {
      pool.revision = movement.balance.revision
    } else if kind == .reservationExtended || movement.held != 0 || movement.consumed != 0 {
      pool.revision &+= 1
    }
    return pool
  }
}
