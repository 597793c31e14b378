internal import HTTP2

@testable internal import RPC

/// What gRPC itself reads: messages in a body, timeouts, metadata.
enum FramingFuzz {
  /// The first byte says in which pieces the body comes; the rest is read as everything in turn.
  static func run(_ input: UnsafeBufferPointer<UInt8>) -> Int32 {
    guard let options = unsafe input.first else { return 0 }
    let bytes = unsafe Array(input.dropFirst())
    readMessages(bytes, step: 1 + Int(options))
    readTexts(bytes)
    readFields(bytes)
    return 0
  }

  /// However a body is cut, the same messages come out of it, and none above the limit.
  private static func readMessages(_ bytes: [UInt8], step: Int) {
    let whole = messages(bytes, step: bytes.count + 1)
    let pieces = messages(bytes, step: step)
    precondition(whole == pieces, "pieces make a difference")
    precondition(whole.allSatisfy { $0.bytes.count <= bytesMax }, "messages have a limit")
    for message in whole {
      // What is no gzip says so; what is stays below the limit.
      let content = try? message.content(bytesMax: bytesMax)
      precondition(content?.count ?? 0 <= bytesMax, "contents have a limit")
    }
    _ = try? MessageReader.isWhole(bytes.span, bytesMax: bytesMax)
  }

  private static let bytesMax = 512

  private static func messages(_ bytes: [UInt8], step: Int) -> [WireMessage] {
    var reader = MessageReader(bytesMax: bytesMax)
    reader.takesCompressed = true
    var all: [WireMessage] = []
    var position = 0
    while position < bytes.count {
      let next = min(bytes.count, position + step)
      reader.append(bytes.span.extracting(position..<next))
      position = next
      do throws(MessageReader.Fault) {
        while let message = try reader.next() { all.append(message) }
      } catch {
        return all
      }
    }
    return all
  }

  private static func readTexts(_ bytes: [UInt8]) {
    if let timeout = Timeout.parse(bytes.span) {
      precondition(timeout >= .zero, "a timeout is no debt")
      _ = Timeout.format(timeout)
    }
    if let decoded = Base64.decode(bytes.span) {
      let again = Base64.encode(decoded)
      precondition(Base64.decode(Array(again.utf8).span) == decoded, "base64 comes back")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    precondition(PercentEncoding.decode(PercentEncoding.encode(text)) == text, "text comes back")
    _ = PercentEncoding.decode(text)
  }

  /// Pairs of lengths and bytes make fields.
  private static func readFields(_ bytes: [UInt8]) {
    var block = HeaderBlock()
    var rest = bytes[...]
    while let first = rest.popFirst(), block.count < 64 {
      let name = rest.prefix(Int(first & 15))
      rest = rest.dropFirst(name.count)
      let value = rest.prefix(Int(first >> 4) * 4)
      rest = rest.dropFirst(value.count)
      block.append(Self.names[Int(first) % Self.names.count] ?? Array(name), Array(value))
    }
    _ = RequestHead(block) { $0.count > 3 ? 0 : nil }
    let metadata = Metadata(received: block)
    _ = metadata[binary: "x-bin"]
    _ = metadata["grpc-timeout"]
    _ = ResponseHead(block)
  }

  private static let names: [[UInt8]?] = [
    nil, ":path", ":method", "content-type", "grpc-timeout", "grpc-encoding", "x-bin", "te",
    "grpc-status", "grpc-message", "grpc-status-details-bin", ":status",
  ].map { $0.map { Array($0.utf8) } }
}

extension HeaderBlock {
  fileprivate mutating func append(_ name: [UInt8], _ value: [UInt8]) {
    append(name.span, value.span)
  }
}
