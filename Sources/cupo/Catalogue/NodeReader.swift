internal import Yams

/// Turns YAML nodes into serialized messages by the schema, and notes everything that is wrong on the way.
struct NodeReader {
  private(set) var problems: [CatalogueFailure.Problem] = []
  /// Where each field was, by its path.
  private(set) var lines: [String: Int] = [:]

  /// The wire form of `node` as a message of `type`, which is at `path` in its request.
  mutating func message(_ node: Node, _ type: String, path: String) -> [UInt8] {
    if let short = shorthand(node, type) { return short }
    guard case .mapping(let mapping) = node else {
      if node.isNothing { return [] }
      report(node, "expected the fields of \(Self.short(type)), not \(node.whatItIs)")
      return []
    }
    let fields = SchemaIndex.cupo.fields(of: type)
    var (writer, chosen) = (WireWriter(), [Int: String]())
    for (key, value) in mapping {
      guard let field = field(key, in: fields, of: type) else { continue }
      if let oneof = field.oneof, let other = chosen.updateValue(field.name, forKey: oneof) {
        report(key, "`\(field.name)` and `\(other)` exclude each other")
      }
      let fieldPath = "\(path).\(field.name)"
      lines[fieldPath] = key.line
      append(value, as: field, path: fieldPath, to: &writer)
    }
    // A draw says how many only where it is not one.
    if type == Self.draw, mapping["units"] == nil { writer.varint(2, 1) }
    return writer.bytes
  }

  /// Notes that something is wrong at `node`.
  mutating func report(_ node: Node, _ message: String) {
    problems.append(CatalogueFailure.Problem(line: node.line, message: message))
  }

  /// Notes a key that nothing has, and what was probably meant.
  mutating func reportUnknown(_ key: Node, among names: [String], in place: String) {
    let text = key.text ?? "?"
    if let closest = ClosestName.of(text, in: names) {
      report(key, "unknown key `\(text)` in \(place): did you mean `\(closest)`?")
    } else {
      let known = names.map { "`\($0)`" }.joined(separator: ", ")
      report(key, "unknown key `\(text)` in \(place): it has \(known)")
    }
  }

  private mutating func field(
    _ key: Node, in fields: [FieldSchema], of type: String
  ) -> FieldSchema? {
    if let field = fields.first(where: { $0.name == key.text }) { return field }
    reportUnknown(key, among: fields.map(\.name), in: Self.short(type))
    return nil
  }

  private mutating func append(
    _ node: Node, as field: FieldSchema, path: String, to writer: inout WireWriter
  ) {
    guard field.isRepeated else { return appendOne(node, as: field, path: path, to: &writer) }
    switch node {
    case .sequence(let elements):
      for (index, element) in elements.enumerated() {
        let elementPath = "\(path)[\(index)]"
        lines[elementPath] = element.line
        appendOne(element, as: field, path: elementPath, to: &writer)
      }
    case .mapping(let limits) where field.typeName == Self.weekdayLimit:
      for (day, limit) in limits { appendWeekday(day, limit, as: field, path: path, to: &writer) }
    case .scalar where node.isNothing: break
    case .scalar: appendOne(node, as: field, path: path, to: &writer)
    default: report(node, "expected a list for `\(field.name)`, not \(node.whatItIs)")
    }
  }

  // `weekdays: {saturday: 40}` for `weekdays: [{day: saturday, limit: 40}]`.
  private mutating func appendWeekday(
    _ day: Node, _ limit: Node, as field: FieldSchema, path: String, to writer: inout WireWriter
  ) {
    let pair = Node([(Node("day"), day), (Node("limit"), limit)])
    writer.bytes(field.number, message(pair, field.typeName, path: path))
  }

  private mutating func appendOne(
    _ node: Node, as field: FieldSchema, path: String, to writer: inout WireWriter
  ) {
    if field.kind == .message {
      writer.bytes(field.number, message(node, field.typeName, path: path))
      return
    }
    guard let text = node.text else {
      return report(node, "expected a value for `\(field.name)`, not \(node.whatItIs)")
    }
    if node.isNothing { return }
    if field.kind == .string { return writer.bytes(field.number, text.utf8) }
    switch ScalarText.bits(text, as: field) {
    case .success(let bits): writer.varint(field.number, bits)
    case .failure(let expected): report(node, "`\(field.name)` \(expected.message), not `\(text)`")
    }
  }

  // MARK: Short forms

  private mutating func shorthand(_ node: Node, _ type: String) -> [UInt8]? {
    guard let text = node.text, !node.isNothing else { return nil }
    switch ShortForm.bytes(text, as: type) {
    case .success(let bytes): return bytes
    case .failure(let expected):
      report(node, "\(expected.message), not `\(text)`")
      return []
    case nil: return nil
    }
  }

  static let draw = "cupo.capacity.v1.Draw"
  private static let weekdayLimit = "cupo.capacity.v1.DailyCapacity.WeekdayLimit"

  private static func short(_ type: String) -> String {
    "`\(type.replacing("cupo.capacity.v1.", with: ""))`"
  }
}
