/// The languages that errors speak to people in.
package enum Language: String, Sendable {
  case english = "en"
  case spanish = "es"

  /// The best of an `accept-language` header (RFC 9110, section 12.5.4), English where it asks for neither.
  package init(acceptLanguage: String?) {
    guard let header = acceptLanguage else {
      self = .english
      return
    }
    var best: (language: Language, weight: Int)?
    for part in header.utf8.prefix(256).split(separator: UInt8(ascii: ",")) {
      let pieces = String(decoding: part, as: UTF8.self).split(separator: ";")
      guard let range = pieces.first, let language = Language(range: range) else { continue }
      let weight = Language.weight(pieces.dropFirst().first)
      if weight > best?.weight ?? 0 { best = (language, weight) }
    }
    self = best?.language ?? .english
  }

  private init?(range: Substring) {
    let tag = range.filter { $0 != " " }.lowercased()
    if tag == "es" || tag.hasPrefix("es-") {
      self = .spanish
    } else if tag == "en" || tag.hasPrefix("en-") || tag == "*" {
      self = .english
    } else {
      return nil
    }
  }

  // `q=0.8` in thousandths.
  private static func weight(_ parameter: Substring?) -> Int {
    let digits = (parameter ?? "").filter { $0 != " " }
    guard digits.hasPrefix("q=") else { return 1000 }
    // Anyone can write "nan" here, which no Int can hold.
    guard let weight = Double(digits.dropFirst(2)), !weight.isNaN else { return 1000 }
    return Int(min(max(weight, 0), 1) * 1000)
  }
}
