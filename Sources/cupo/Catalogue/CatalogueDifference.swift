/// One value that a Put changes.
struct CatalogueDifference: Equatable {
  /// As in `slots.windows[0].limit.units`.
  var path: String
  /// Nil: it was not there.
  var before: String?
  /// Nil: it is there no more.
  var after: String?

  /// What is different in `after`, in the order of the fields. Values that say nothing count as absent.
  static func all(from before: JSONValue?, to after: JSONValue) -> [CatalogueDifference] {
    let old = before.map { leaves($0, at: "") } ?? []
    let new = leaves(after, at: "")
    let (oldByPath, newByPath) = (values(old), values(new))
    let gone = old.filter { newByPath[$0.path] == nil }
      .map { CatalogueDifference(path: $0.path, before: $0.text, after: nil) }
    let others = new.compactMap { leaf -> CatalogueDifference? in
      let was = oldByPath[leaf.path]
      guard was != leaf.text else { return nil }
      return CatalogueDifference(path: leaf.path, before: was, after: leaf.text)
    }
    return others + gone
  }

  var line: String {
    switch (before, after) {
    case (let before?, let after?): "~ \(path): \(before) → \(after)"
    case (nil, let after?): "+ \(path): \(after)"
    case (let before?, nil): "- \(path): \(before)"
    case (nil, nil): "  \(path)"
    }
  }

  var json: JSONValue {
    .object([
      .init("path", .string(path)), .init("before", before.map { .string($0) } ?? .null),
      .init("after", after.map { .string($0) } ?? .null),
    ])
  }

  // MARK: Leaves

  private typealias Leaf = (path: String, text: String)

  private static func values(_ leaves: [Leaf]) -> [String: String] {
    Dictionary(leaves.map { ($0.path, $0.text) }) { $1 }
  }

  private static func leaves(_ value: JSONValue, at path: String) -> [Leaf] {
    switch value {
    case .object(let members):
      // The server counts versions; nobody writes them.
      members.filter { $0.name != "version" }.flatMap { member in
        leaves(member.value, at: path.isEmpty ? member.name : "\(path).\(member.name)")
      }
    case .array(let values):
      values.enumerated().flatMap { leaves($0.element, at: "\(path)[\($0.offset)]") }
    case .string(let text): text.isEmpty ? [] : [(path, text)]
    case .number(let digits): digits == "0" && !path.hasSuffix(".units") ? [] : [(path, digits)]
    case .bool(let isTrue): isTrue ? [(path, "true")] : []
    case .null: []
    }
  }
}
