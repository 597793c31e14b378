/// What the command line says: `--port N --host ADDRESS`, either spelling (`--port=N` too).
struct ServerOptions {
  var host = "127.0.0.1"
  /// 0 takes a free one.
  var port = 0

  /// Nil: nobody could make sense of it.
  init?(_ arguments: some Sequence<String>) {
    var words = arguments.flatMap {
      $0.split(separator: "=", maxSplits: 1).map(String.init)
    }[...]
    while let name = words.popFirst() {
      guard let value = words.popFirst() else { return nil }
      switch name {
      case "--host": host = value
      case "--port":
        guard let number = Int(value), (0...65_535).contains(number) else { return nil }
        port = number
      default: return nil
      }
    }
  }
}
