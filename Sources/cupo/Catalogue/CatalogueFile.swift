internal import CupoSchema
internal import Protobuf
internal import Yams

/// A catalogue file: resources and products, as people write them.
///
/// A document is either `resources:` and `products:` with a list each, or one entry with `kind: resource` or
/// `kind: product`, or a list of such entries. A file may hold several documents.
struct CatalogueFile {
  /// In the order in which they can be applied: resources first.
  private(set) var entries: [CatalogueEntry] = []

  private static let sections = ["resources": "resource", "products": "product"]
  /// Larger than any catalogue that fits into single requests, entry by entry.
  static let bytesMax = 16 * 1_024 * 1_024

  private let name: String
  private var problems: [CatalogueFailure.Problem] = []

  private init(name: String) {
    self.name = name
  }

  /// Reads a file.
  ///
  /// - Throws: All that is wrong with it at once, the rules of the fields included.
  static func read(_ text: String, name: String) throws(CatalogueFailure) -> CatalogueFile {
    var file = CatalogueFile(name: name)
    do {
      let parser = try Parser(yaml: text)
      while let document = try parser.nextRoot() { file.read(document: document) }
    } catch {
      file.problems.append(SyntaxProblem.of(error))
    }
    file.checkFields()
    file.checkRepeats()
    guard file.problems.isEmpty else {
      let sorted = file.problems.sorted { $0.line < $1.line }
      throw CatalogueFailure(file: name, problems: sorted)
    }
    file.sort()
    return file
  }

  /// The entries of several files as one catalogue.
  ///
  /// - Throws: what is in more than one of them.
  static func merge(
    _ files: [CatalogueFile], name: String
  ) throws(CatalogueFailure) -> CatalogueFile {
    var merged = CatalogueFile(name: name)
    merged.entries = files.flatMap(\.entries)
    var places: [String: CatalogueEntry] = [:]
    for entry in merged.entries {
      let id = "\(entry.kind) `\(entry.id)`"
      guard let first = places.updateValue(entry, forKey: id) else { continue }
      let message = "\(id) is in \(first.file):\(first.line) already"
      throw CatalogueFailure(
        file: entry.file, problems: [.init(line: entry.line, message: message)])
    }
    merged.sort()
    return merged
  }

  private mutating func sort() {
    entries = entries.filter { $0.kind == "resource" } + entries.filter { $0.kind == "product" }
  }

  private mutating func read(document: Node) {
    switch document {
    case .sequence(let entries): for entry in entries { readWithKind(entry) }
    case .mapping(let mapping) where mapping["kind"] != nil: readWithKind(document)
    case .mapping(let mapping): for (key, list) in mapping { read(section: key, list) }
    default:
      if !document.isNothing { report(document, "expected `resources:` or `products:`") }
    }
  }

  private mutating func read(section key: Node, _ list: Node) {
    guard let kind = Self.sections[key.text ?? ""] else {
      var reader = NodeReader()
      reader.reportUnknown(key, among: Self.sections.keys.sorted(), in: "the file")
      problems += reader.problems
      return
    }
    switch list {
    case .sequence(let entries): for entry in entries { read(entry: entry, kind: kind) }
    default:
      if !list.isNothing { report(list, "expected a list of \(kind)s, not \(list.whatItIs)") }
    }
  }

  private mutating func readWithKind(_ node: Node) {
    guard case .mapping(let mapping) = node, let kind = mapping["kind"]?.text?.lowercased(),
      Self.sections.values.contains(kind)
    else { return report(node, "expected an entry with `kind: resource` or `kind: product`") }
    let fields = mapping.filter { $0.key.text != "kind" }.map { ($0.key, $0.value) }
    read(entry: .mapping(Node.Mapping(fields, .implicit, .any, mapping.mark)), kind: kind)
  }

  private mutating func read(entry node: Node, kind: String) {
    var reader = NodeReader()
    let content: CatalogueEntry.Content?
    if kind == "resource" {
      let bytes = reader.message(node, Resource.fullName, path: kind)
      content = (try? Resource(decoding: bytes.span)).map { .resource($0) }
    } else {
      let bytes = reader.message(node, Product.fullName, path: kind)
      content = (try? Product(decoding: bytes.span)).map { .product($0) }
    }
    problems += reader.problems
    guard reader.problems.isEmpty else { return }
    // The only way for our own bytes to be no message: a text with a NUL.
    guard let content else { return report(node, "a text has a NUL character") }
    entries.append(
      CatalogueEntry(content: content, file: name, line: node.line, lines: reader.lines))
  }

  private mutating func report(_ node: Node, _ message: String) {
    problems.append(CatalogueFailure.Problem(line: node.line, message: message))
  }

  // What the server would say, said with a line before anything is sent.
  private mutating func checkFields() {
    for entry in entries {
      for violation in entry.violations {
        problems.append(
          CatalogueFailure.Problem(
            line: entry.line(of: violation.field),
            message: "\(violation.field): \(violation.description)"))
      }
    }
  }

  private mutating func checkRepeats() {
    var seen: [String: Int] = [:]
    for entry in entries {
      let name = "\(entry.kind) `\(entry.id)`"
      if let line = seen.updateValue(entry.line, forKey: name) {
        let message = "\(name) is in line \(line) already"
        problems.append(CatalogueFailure.Problem(line: entry.line, message: message))
      }
    }
  }
}

extension CatalogueEntry {
  /// What breaks the rules of its fields.
  fileprivate var violations: [FieldViolation] {
    switch content {
    case .resource(let resource): PutResourceRequest(resource).violations()
    case .product(let product): PutProductRequest(product).violations()
    }
  }
}
