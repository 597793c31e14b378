internal import Protobuf

/// A request that breaks exactly one rule.
package struct ViolatingCase<Request: Sendable>: Sendable {
  /// Names the case in reports, as in `lines[0].product_id maxLength`.
  package var name: String
  /// The field that the answer's BadRequest must name.
  package var field: String
  package var rule: RuleKind
  /// What the answer's BadRequest says about it.
  package var description: String
  package var request: Request
}

/// Collects the violating variations of one message.
struct ViolatingCases<Request: Sendable> {
  private let base: Request
  private(set) var all: [ViolatingCase<Request>] = []

  init(_ base: Request) { self.base = base }

  mutating func add(
    _ field: String, _ rule: RuleKind, _ description: String, _ change: (inout Request) -> Void
  ) {
    var request = base
    change(&request)
    let name = "\(field) \(rule)"
    let number = all.count { $0.name == name || $0.name.hasPrefix(name + " ") } + 1
    all.append(
      ViolatingCase(
        name: number == 1 ? name : "\(name) \(number)", field: field, rule: rule,
        description: description,
        request: request))
  }

  /// Every violating variation of a part, put back into its place.
  mutating func add<Part>(
    _ parts: [ViolatingCase<Part>], at field: String, _ change: (inout Request, Part) -> Void
  ) {
    for part in parts {
      add("\(field).\(part.field)", part.rule, part.description) { change(&$0, part.request) }
    }
  }
}
