/// What a node has found out about the rows of pools that memory knows.
final class PoolRows {
  /// One was not there, which only somebody else's hand can have done: from now on they are put there where they are missing.
  var areMissing = false
}
