internal import CupoSchema

/// What a Put made of one entry of a catalogue, or would make.
struct CatalogueChange {
  enum Kind: String, CaseIterable {
    case created, changed, unchanged
  }

  let entry: CatalogueEntry
  let kind: Kind
  let version: UInt64
  let impact: Impact
  let differences: [CatalogueDifference]

  init(
    _ entry: CatalogueEntry, from before: JSONValue?, to after: JSONValue, version: UInt64,
    impact: Impact
  ) {
    self.entry = entry
    self.version = version
    self.impact = impact
    differences = CatalogueDifference.all(from: before, to: after)
    kind = before == nil ? .created : differences.isEmpty ? .unchanged : .changed
  }

  /// The entry in one line: what was done.
  var line: String { "\(kind) \(entry.kind) \(entry.id) version \(version)\(impactText)" }

  /// The entry and all that is different: what would be done.
  func lines(on terminal: Terminal) -> [String] {
    let (sign, color): (String, TextColor) =
      switch kind {
      case .created: ("+", .green)
      case .changed: ("~", .yellow)
      case .unchanged: ("=", .gray)
      }
    let title = "\(sign) \(entry.kind) \(entry.id)\(kind == .created ? " (new)" : "")"
    return [color.paint(title, on: terminal) + impactText]
      + differences.map { "    \($0.line)" }
  }

  private var impactText: String {
    var text = ""
    if impact.reservationsAffected > 0 {
      text += ", \(impact.reservationsAffected) reservations affected"
    }
    if impact.unitsOvercommitted > 0 {
      text += ", \(impact.unitsOvercommitted) units overcommitted"
      if !impact.slotsOvercommitted.isEmpty {
        text += " (\(impact.slotsOvercommitted.joined(separator: ", ")))"
      }
    }
    return text
  }

  func json(withDifferences: Bool) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("kind", .string(entry.kind)), .init("id", .string(entry.id)),
      .init("change", .string(kind.rawValue)), .init("version", .number("\(version)")),
      .init("impact", MessageJSON.value(impact)),
    ]
    if withDifferences {
      members.append(.init("differences", .array(differences.map(\.json))))
    }
    return .object(members)
  }
}
