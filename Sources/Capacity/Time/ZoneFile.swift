/// Reads a time zone from the bytes of a TZif file, version 2 or later (RFC 8536).
///
/// The file's own transitions end where its footer, a POSIX rule, takes over; the rule is unrolled through 2199, so
/// that a ``Zone`` is one table.
package struct ZoneFile {
  /// What is wrong with the bytes.
  package enum Damage: Error {
    case notAZoneFile
    case truncated
    case footerNotUnderstood
  }

  private let bytes: [UInt8]
  private var position = 0

  /// The zone that `bytes` describe.
  package static func zone(named name: String, from bytes: [UInt8]) throws(Damage) -> Zone {
    var file = ZoneFile(bytes: bytes)
    return try file.read(name: name)
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  private struct Header {
    var utcIndicators, standardIndicators, leapSeconds, transitions, types, characters: Int
  }

  private mutating func read(name: String) throws(Damage) -> Zone {
    let first = try header()
    // The first block counts in 32 bits; the second repeats it in 64.
    position += bodyLength(first, timeSize: 4)
    let header = try self.header()
    guard position + bodyLength(header, timeSize: 8) <= bytes.count else { throw .truncated }

    var instants: [Int64] = []
    for _ in 0..<header.transitions { instants.append(try integer(8)) }
    var kinds: [Int] = []
    for _ in 0..<header.transitions { kinds.append(Int(try byte())) }
    var offsets: [Int32] = []
    for _ in 0..<header.types {
      offsets.append(Int32(truncatingIfNeeded: try integer(4)))
      position += 2
    }
    guard let initial = offsets.first, kinds.allSatisfy({ $0 < offsets.count }) else {
      throw .truncated
    }
    // A zone is searched by halves, and within 26 hours of a local time.
    guard zip(instants, instants.dropFirst()).allSatisfy(<),
      offsets.allSatisfy({ abs(Int($0)) <= 26 * 3600 })
    else { throw .notAZoneFile }
    position += header.characters + header.leapSeconds * 12
    position += header.standardIndicators + header.utcIndicators

    var transitions = zip(instants, kinds).map { Zone.Transition(at: $0, offset: offsets[$1]) }
    try unroll(into: &transitions, initial: initial)
    return Zone(name: name, initialOffset: initial, transitions: transitions)
  }

  private func bodyLength(_ header: Header, timeSize: Int) -> Int {
    header.transitions * (timeSize + 1) + header.types * 6 + header.characters
      + header.leapSeconds * (timeSize + 4) + header.standardIndicators + header.utcIndicators
  }

  private mutating func header() throws(Damage) -> Header {
    guard position + 44 <= bytes.count else { throw .truncated }
    guard bytes[position..<position + 4].elementsEqual("TZif".utf8), bytes[position + 4] >= 0x32
    else { throw .notAZoneFile }
    position += 20
    return Header(
      utcIndicators: try count(), standardIndicators: try count(), leapSeconds: try count(),
      transitions: try count(), types: try count(), characters: try count())
  }

  // No file has as many as its size; a count beyond it, a negative one included, is damage.
  private mutating func count() throws(Damage) -> Int {
    let value = Int(try integer(4))
    guard (0...bytes.count).contains(value) else { throw .truncated }
    return value
  }

  private mutating func unroll(
    into transitions: inout [Zone.Transition], initial: Int32
  ) throws(Damage) {
    let footer = bytes[min(position, bytes.count)...].dropFirst().prefix { $0 != 0x0A }
    guard !footer.isEmpty else { return }
    guard let rule = ZoneRule(String(decoding: footer, as: UTF8.self)) else {
      throw .footerNotUnderstood
    }
    let last = transitions.last?.at ?? Int64.min
    var offset = transitions.last?.offset ?? initial
    for transition in rule.transitions(through: 2199)
    where transition.at > last && transition.offset != offset {
      transitions.append(transition)
      offset = transition.offset
    }
  }

  private mutating func byte() throws(Damage) -> UInt8 {
    guard position < bytes.count else { throw .truncated }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func integer(_ size: Int) throws(Damage) -> Int64 {
    guard position + size <= bytes.count else { throw .truncated }
    var value: Int64 = size == 4 && bytes[position] >= 0x80 ? -1 : 0
    for byte in bytes[position..<position + size] { value = value << 8 | Int64(byte) }
    position += size
    return value
  }
}
