/// Some of 4,096 numbers that follow one another, a bit for each.
struct NumberPage: Equatable {
  private static let wordsCount = 64
  /// So many numbers a page is about.
  static let size = UInt64(wordsCount * 64)

  static let indexMax = UInt64.max / size

  private var words: [UInt64]

  init() {
    words = Array(repeating: 0, count: Self.wordsCount)
  }

  /// The page that a number is on.
  static func index(of number: UInt64) -> UInt64 { number / size }

  var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

  // MARK: Numbers

  /// Whether `number`, one of those that the page is about, is among them.
  func contains(_ number: UInt64) -> Bool {
    let (word, bit) = Self.place(of: number)
    return words[word] & bit != 0
  }

  mutating func set(_ number: UInt64, _ isThere: Bool) {
    let (word, bit) = Self.place(of: number)
    if isThere { words[word] |= bit } else { words[word] &= ~bit }
  }

  /// Its numbers, ascending, where it is the page with this index.
  func numbers(ofPage index: UInt64) -> [UInt64] {
    var all: [UInt64] = []
    for (word, bits) in words.enumerated() {
      var rest = bits
      while rest != 0 {
        all.append(index * Self.size + UInt64(word * 64 + rest.trailingZeroBitCount))
        rest &= rest - 1
      }
    }
    return all
  }

  private static func place(of number: UInt64) -> (word: Int, bit: UInt64) {
    let place = number % size
    return (Int(place / 64), 1 << (place % 64))
  }

  // MARK: Bytes

  /// - Returns: nil where `bytes` are no page.
  init?(bytes: [UInt8]) {
    guard bytes.count == Self.wordsCount * 8 else { return nil }
    words = bytes.words
  }

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.wordsCount * 8)
    for word in words { bytes.append(word: word) }
    return bytes
  }
}
