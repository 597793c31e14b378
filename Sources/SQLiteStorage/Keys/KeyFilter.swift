/// A Bloom filter over hashes: says for sure that one is not in a run, and is wrong in about one of 1,700 cases when it says
/// that it may be. (B. H. Bloom, Space/time trade-offs in hash coding with allowable errors, 1970.)
struct KeyFilter: Equatable, Sendable {
  // Filters that were stored with 12 are as good as they were.
  private static let bitsPerKey = 16
  private static let probesCount: UInt64 = 8

  private(set) var words: [UInt64]

  init(count: Int) {
    words = Array(repeating: 0, count: max(1, count * KeyFilter.bitsPerKey / 64))
  }

  /// One that was stored.
  init(words: [UInt64]) {
    self.words = words
  }

  mutating func insert(_ hash: UInt64) {
    for probe in 0..<KeyFilter.probesCount {
      let (word, bit) = place(hash, probe)
      words[word] |= 1 << bit
    }
  }

  /// 0 where a first look says already that it is not there, 1 otherwise. No branch depends on what memory says, so that a processor looks into many
  /// filters at the same time.
  func firstLook(_ hash: UInt64) -> UInt64 {
    let (one, other) = (place(hash, 0), place(hash, 1))
    return words[one.word] >> one.bit & words[other.word] >> other.bit & 1
  }

  func mayContain(_ hash: UInt64) -> Bool {
    for probe in 0..<KeyFilter.probesCount {
      let (word, bit) = place(hash, probe)
      if words[word] >> bit & 1 == 0 { return false }
    }
    return true
  }

  // Two hashes make all of them (Kirsch and Mitzenmacher, Less hashing, same performance, 2006).
  private func place(_ hash: UInt64, _ probe: UInt64) -> (word: Int, bit: UInt64) {
    let first = hash &* 0x9E37_79B9_7F4A_7C15
    let second = (hash ^ (hash >> 29)) &* 0xBF58_476D_1CE4_E5B9 | 1
    let mixed = first &+ probe &* second
    let word = mixed.multipliedFullWidth(by: UInt64(words.count)).high
    return (Int(word), (mixed ^ (mixed >> 23)) & 63)
  }
}
