internal import Yams

extension Node {
  /// From 1.
  var line: Int { mark?.line ?? 1 }

  /// The text of a single value.
  var text: String? {
    if case .scalar(let scalar) = self { return scalar.string }
    return nil
  }

  /// Whether nothing is written here: `key:` alone, `~` or `null`, without quotes.
  var isNothing: Bool {
    guard case .scalar(let scalar) = self, scalar.style == .plain || scalar.style == .any else {
      return false
    }
    return scalar.string.isEmpty || scalar.string == "~" || scalar.string == "null"
  }

  var whatItIs: String {
    switch self {
    case .scalar: "a single value"
    case .mapping: "keys and values"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }
}
