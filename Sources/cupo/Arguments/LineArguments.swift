internal import CupoSchema

/// The lines of `cupo reserve`: `mug x2 boat@2026-12-24T10:30:00-05:00 x4`.
enum LineArguments {
  /// - Throws: ``Expectation`` that says what is wrong.
  static func parse(_ words: [String]) throws(Expectation) -> [Line] {
    var lines: [Line] = []
    var isCounted = true
    for word in words {
      if let quantity = try quantity(word) {
        guard !isCounted, !lines.isEmpty else {
          throw Expectation(message: "'\(word)' has no product before it")
        }
        lines[lines.count - 1].quantity = quantity
        isCounted = true
      } else {
        lines.append(try line(word))
        isCounted = false
      }
    }
    return lines
  }

  // `x3`; nil for a word that is no count, as a product's id is.
  private static func quantity(_ word: String) throws(Expectation) -> UInt32? {
    let digits = word.dropFirst()
    guard word.first == "x", !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber })
    else { return nil }
    guard let quantity = UInt32(digits), quantity > 0 else {
      throw Expectation(message: "'\(word)' is no count: 1 to \(UInt32.max) can follow the x")
    }
    return quantity
  }

  private static func line(_ word: String) throws(Expectation) -> Line {
    let parts = word.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    var line = Line()
    line.productID = String(parts[0])
    line.slot = parts.count == 2 ? String(parts[1]) : ""
    line.quantity = 1
    guard !line.productID.isEmpty, parts.count == 1 || !line.slot.isEmpty else {
      throw Expectation(message: "'\(word)' is no line: write PRODUCT or PRODUCT@SLOT")
    }
    return line
  }
}
