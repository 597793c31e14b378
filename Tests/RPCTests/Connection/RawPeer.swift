import NIOCore
import NIOPosix
import RPC
import Synchronization

/// A socket to the server, written to and read by hand.
final class RawPeer: Sendable {
  /// What a GOAWAY says.
  struct GoAway: Equatable {
    var code: UInt32
    var debug: String
  }

  private final class Collector: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    let bytes = Mutex<[UInt8]>([])

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let buffer = unwrapInboundIn(data)
      bytes.withLock { $0 += buffer.readableBytesView }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }

  private let collector = Collector()
  private let channel: any Channel

  static let preface =
    Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]

  init(_ notes: NotesServer, opens: Bool = true) async throws {
    let collector = collector
    channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { $0.pipeline.addHandler(collector) }
      .connect(host: notes.server.address.host, port: notes.server.address.port).get()
    if opens { try await write(Self.preface + Self.frame(4, flags: 1)) }
  }

  func write(_ bytes: [UInt8]) async throws {
    try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
  }

  func close() async {
    // Closed already is as good.
    try? await channel.close().get()
  }

  /// Waits until the server has closed; the test's time limit is the limit.
  func waitForEnd() async throws {
    try await channel.closeFuture.get()
  }

  var isOpen: Bool { channel.isActive }

  /// Waits for a frame of this type that `isWanted`, and answers its payload; nil: the connection ended before.
  func wait(for type: UInt8, stream: UInt32? = nil) async -> [UInt8]? {
    while !Task.isCancelled {
      let isOpen = channel.isActive
      let found = frames.first { $0.type == type && (stream == nil || $0.stream == stream) }
      if let found { return found.payload }
      guard isOpen else { return nil }
      // Cancelled by the time limit.
      try? await Task.sleep(for: .milliseconds(5))
    }
    return nil
  }

  func goAway() async -> GoAway? {
    guard let payload = await wait(for: 7), payload.count >= 8 else { return nil }
    return GoAway(
      code: payload[4..<8].reduce(0) { $0 << 8 | UInt32($1) },
      debug: String(decoding: payload[8...], as: UTF8.self))
  }

  var frames: [(type: UInt8, flags: UInt8, stream: UInt32, payload: [UInt8])] {
    var all: [(UInt8, UInt8, UInt32, [UInt8])] = []
    let bytes = collector.bytes.withLock { $0 }
    var at = 0
    while at + 9 <= bytes.count {
      let length = bytes[at..<at + 3].reduce(0) { $0 << 8 | Int($1) }
      guard at + 9 + length <= bytes.count else { break }
      let stream = bytes[at + 5..<at + 9].reduce(0) { $0 << 8 | UInt32($1) }
      all.append((bytes[at + 3], bytes[at + 4], stream, Array(bytes[at + 9..<at + 9 + length])))
      at += 9 + length
    }
    return all
  }

  // MARK: Frames

  static func frame(
    _ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []
  ) -> [UInt8] {
    bytes(UInt32(payload.count) << 8 | UInt32(type)) + [flags] + bytes(stream) + payload
  }

  private static func bytes(_ number: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }

  static let ping = frame(6, [1, 2, 3, 4, 5, 6, 7, 8])

  /// The fields of a call to `path`, not indexed.
  static func callFields(_ path: String) -> [UInt8] {
    let fields = [
      (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "test"),
      ("content-type", "application/grpc"), ("te", "trailers"),
    ]
    return fields.flatMap { name, value in
      [0, UInt8(name.utf8.count)] + name.utf8 + [UInt8(value.utf8.count)] + value.utf8
    }
  }

  /// HEADERS of a call whose body follows.
  static func call(_ path: String, stream: UInt32) -> [UInt8] {
    frame(1, flags: 4, stream: stream, callFields(path))
  }

  static func body(_ message: [UInt8], stream: UInt32) -> [UInt8] {
    frame(0, flags: 1, stream: stream, [0, 0, 0, 0, UInt8(message.count)] + message)
  }
}
