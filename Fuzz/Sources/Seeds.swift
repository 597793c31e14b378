import CupoSchema
internal import Foundation
internal internal import Gzip

/// Inputs to begin with, so that a short run reaches more than error paths.
enum Seeds {
  static func write(to folder: String) throws {
    try write(sessions, folder, "session")
    try write(framing, folder, "framing")
    let payloads = ContractCase.all().map(\.payload).filter { !$0.isEmpty && $0.count < 2_048 }
    try write(
      MessageTypes.all.indices.flatMap { type in
        stride(from: type % 7, to: payloads.count, by: payloads.count / 4 + 1).map {
          [UInt8(type)] + payloads[$0]
        }
      }, folder, "messages")
  }

  private static func write(_ seeds: [[UInt8]], _ folder: String, _ target: String) throws {
    let place = URL(fileURLWithPath: folder).appendingPathComponent(target)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    for (number, seed) in seeds.enumerated() {
      try Data(seed).write(to: place.appendingPathComponent("seed-\(number)"))
    }
  }

  private static func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt8, _ payload: [UInt8])
    -> [UInt8]
  {
    let length: [UInt8] = [0, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
    let rest: [UInt8] = [type, flags, 0, 0, 0, stream]
    return length + rest + payload
  }

  private static let post: [UInt8] = [0x83, 0x86, 0x84, 0x41, 1, 97]
  private static let eight = [UInt8](repeating: 7, count: 8)

  private static let frames: [[UInt8]] = {
    var all: [[UInt8]] = []
    all.append(frame(4, 0, 0, [0, 4, 0, 0, 0, 1]))
    all.append(frame(6, 0, 0, eight))
    all.append(frame(8, 0, 0, [0, 0, 1, 0]))
    all.append(frame(3, 0, 1, [0, 0, 0, 8]))
    all.append(frame(2, 0, 3, [0, 0, 0, 1, 9]))
    all.append(frame(1, 1, 3, [0x83, 0x86]) + frame(9, 4, 3, [0x84]))
    all.append(frame(7, 0, 0, eight))
    all.append(frame(1, 5, 5, [0x82, 0x86, 0x84]))
    all.append(frame(1, 4, 1, [0x88]) + frame(0, 1, 1, [1]))
    all.append(frame(0, 8, 1, [2, 1, 0, 0]))
    return all
  }()

  private static let sessions: [[UInt8]] = {
    let call = frame(1, 4, 1, post) + frame(0, 1, 1, [0, 0, 0, 0, 2, 8, 1])
    var all: [[UInt8]] = []
    for options: UInt8 in [0, 2, 4, 12, 1, 5] {
      for other in frames { all.append([options] + call + other) }
      all.append([options] + Array(frames.joined()))
    }
    return all
  }()

  private static let framing: [[UInt8]] = [
    Array("#100m".utf8), Array("#99999999H".utf8), Array("#AAEC/w==".utf8),
    Array("#a%20b%zz".utf8), Array("#application/grpc+proto".utf8),
    [0, 0, 0, 0, 0, 2, 8, 1, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 1, 0],
    [255] + compressed(Array("some text, some text".utf8)),
    [255] + compressed([UInt8](repeating: 0, count: 2_000)),
  ]

  private static func compressed(_ message: [UInt8]) -> [UInt8] {
    let content = Gzip.compress(message.span)
    return [1, 0, 0, UInt8(content.count >> 8), UInt8(content.count & 255)] + content
  }
}
