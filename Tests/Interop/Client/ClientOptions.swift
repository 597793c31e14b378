/// What the command line says: `--target HOST:PORT --case NAME`, either spelling (`--case=NAME` too), or `--list`.
struct ClientOptions {
  var host = ""
  var port = 0
  var cases: [InteropCase] = []
  var isListing = false

  /// Nil: nobody could make sense of it.
  init?(_ arguments: some Sequence<String>) {
    var words = arguments.flatMap {
      $0.split(separator: "=", maxSplits: 1).map(String.init)
    }[...]
    if Array(words) == ["--list"] {
      isListing = true
      return
    }
    while let name = words.popFirst() {
      guard let value = words.popFirst(), take(name, value) else { return nil }
    }
    guard !host.isEmpty, !cases.isEmpty else { return nil }
  }

  private mutating func take(_ name: String, _ value: String) -> Bool {
    switch name {
    case "--target":
      guard let colon = value.lastIndex(of: ":"), let port = Int(value[colon...].dropFirst()),
        (1...65_535).contains(port)
      else { return false }
      (host, self.port) = (String(value[..<colon]), port)
    case "--case":
      cases =
        value == "all" ? InteropCase.allCases : InteropCase(rawValue: value).map { [$0] } ?? []
    default: return false
    }
    return true
  }
}
