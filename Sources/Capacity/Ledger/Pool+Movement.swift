extension Pool {
  /// The pool as the log has it once an event of `kind` has moved it. A movement that only changes a limit leaves it alone,
  /// an extension moves nothing and is a change all the same; a repair says itself which revision the pool has then.
  package func moved(by movement: Movement, kind: Event.Kind) -> Pool {
    var pool = self
    // A damaged log must be reported, not end the program that looks at it.
    pool.held &+= movement.held
    pool.consumed &+= movement.consumed
    if kind == .repaired {
      pool.revision = movement.balance.revision
    } else if movement.held != 0 || movement.consumed != 0 || kind == .reservationExtended {
      pool.revision &+= 1
    }
    return pool
  }
}
