/// 32 bytes that stand for an entry of the audit log and all before it.
package struct AuditHash: Hashable, Sendable {
  private var words: (UInt64, UInt64, UInt64, UInt64)

  /// What the first entry of a chain follows.
  package static let zero = AuditHash(words: (0, 0, 0, 0))

  private init(words: (UInt64, UInt64, UInt64, UInt64)) {
    self.words = words
  }

  /// Nil for anything but 32 bytes.
  package init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == 32 else { return nil }
    let all = Array(bytes)
    let word = { (index: Int) in
      all[index * 8..<index * 8 + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }
    words = (word(0), word(1), word(2), word(3))
  }

  /// From 64 hexadecimal digits; nil for anything else.
  package init?(text: String) {
    let digits = text.utf8.compactMap { Self.value(ofDigit: $0) }
    guard text.utf8.count == 64, digits.count == 64 else { return nil }
    self.init((0..<32).map { digits[$0 * 2] << 4 | digits[$0 * 2 + 1] })
  }

  private static func value(ofDigit byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
  }

  package var bytes: [UInt8] {
    [words.0, words.1, words.2, words.3].flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - $0 * 8)) }
    }
  }

  /// 64 hexadecimal digits, in small letters.
  package var text: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  package static func == (left: AuditHash, right: AuditHash) -> Bool { left.words == right.words }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
    hasher.combine(words.2)
    hasher.combine(words.3)
  }
}
