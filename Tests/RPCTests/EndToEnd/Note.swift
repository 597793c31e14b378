import Protobuf

/// The smallest message: field 1, a string, written by hand.
struct Note: Message {
  static let fullName = "test.Note"

  var text = ""

  init() {}

  init(_ text: String) {
    self.text = text
  }

  init(decoding bytes: Span<UInt8>) throws(DecodingError) {
    guard bytes.count > 0 else { return }
    guard bytes[0] == 0x0a else { throw DecodingError(.malformed, subject: Self.fullName) }
    var (length, shift, index) = (0, 0, 1)
    while index < bytes.count {
      length |= Int(bytes[index] & 0x7f) << shift
      shift += 7
      index += 1
      if bytes[index - 1] < 0x80 { break }
    }
    guard index + length == bytes.count else {
      throw DecodingError(.malformed, subject: Self.fullName)
    }
    text = String(decoding: (index..<bytes.count).map { bytes[$0] }, as: UTF8.self)
  }

  func encode(into output: inout [UInt8]) {
    guard !text.isEmpty else { return }
    output.append(0x0a)
    var length = text.utf8.count
    while length >= 0x80 {
      output.append(UInt8(length & 0x7f) | 0x80)
      length >>= 7
    }
    output.append(UInt8(length))
    output.append(contentsOf: text.utf8)
  }
}

/// The methods of the test service.
enum Notes {
  static let echo = Method<Note, Note>(service: "test.Notes", name: "Echo")
  static let fail = Method<Note, Note>(service: "test.Notes", name: "Fail")
  static let sleep = Method<Note, Note>(service: "test.Notes", name: "Sleep")
  static let count = Method<Note, Note>(
    service: "test.Notes", name: "Count", serverStreaming: true)
  static let occupy = Method<Note, Note>(service: "test.Notes", name: "Occupy")
  static let spin = Method<Note, Note>(service: "test.Notes", name: "Spin")
  static let share = Method<Note, Note>(
    service: "test.Notes", name: "Share", serverStreaming: true)
  static let collect = Method<Note, Note>(
    service: "test.Notes", name: "Collect", clientStreaming: true)
  static let chat = Method<Note, Note>(
    service: "test.Notes", name: "Chat", clientStreaming: true, serverStreaming: true)
  static let describe = Method<Note, Note>(service: "test.Notes", name: "Describe")
  static let unknown = Method<Note, Note>(service: "test.Notes", name: "Unknown")

  /// A request with its length prefix.
  static func framed(_ text: String) -> [UInt8] {
    let message = Note(text).encoded()
    return [0, 0, 0, 0, UInt8(message.count)] + message
  }
}
