/// Collects ASCII bytes and makes one string of them: dates and slot ids are spelled this way, without a formatter.
struct AsciiText {
  private var bytes: [UInt8] = []

  init() {
    bytes.reserveCapacity(32)
  }

  var string: String { String(decoding: bytes, as: UTF8.self) }

  mutating func append(_ character: Unicode.Scalar) {
    bytes.append(UInt8(ascii: character))
  }

  /// Appends `value` with exactly `width` digits.
  mutating func append(_ value: Int, width: Int) {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: width))
    var rest = value
    for index in (start..<start + width).reversed() {
      bytes[index] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
  }

  mutating func append(_ date: CivilDate) {
    let (year, month, day) = date.components
    append(year, width: 4)
    append("-")
    append(month, width: 2)
    append("-")
    append(day, width: 2)
  }
}
