internal import CupoSchema

/// One resource or product of a catalogue file.
struct CatalogueEntry {
  enum Content: Equatable {
    case resource(Resource)
    case product(Product)
  }

  let content: Content
  /// The file that it is in, for messages.
  let file: String
  /// Where it begins in the file.
  let line: Int
  /// Where its fields are, by their path in the Put request, as in `resource.slots.windows[0].limit`.
  let lines: [String: Int]

  var id: String {
    switch content {
    case .resource(let resource): resource.resourceID
    case .product(let product): product.productID
    }
  }

  /// `resource` or `product`.
  var kind: String {
    switch content {
    case .resource: "resource"
    case .product: "product"
    }
  }

  /// The line of the field at `path`, or of what is nearest around it.
  func line(of path: String) -> Int {
    var path = Substring(path)
    while !path.isEmpty {
      if let line = lines[String(path)] { return line }
      path = path[..<(path.lastIndex { $0 == "." || $0 == "[" } ?? path.startIndex)]
    }
    return line
  }
}
