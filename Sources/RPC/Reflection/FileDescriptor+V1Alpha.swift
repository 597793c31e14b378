internal import Protobuf
internal import RPCSchema

extension FileDescriptor {
  /// The proto file of `grpc.reflection.v1` under the names of `v1alpha`: the two differ in nothing else.
  static func reflectionV1Alpha(from file: FileDescriptor) -> FileDescriptor {
    FileDescriptor(
      name: renamed(file.name), dependencies: file.dependencies,
      symbols: file.symbols.map(renamed), bytes: Renaming.file.rewrite(file.bytes[...]))
  }

  private static func renamed(_ text: String) -> String {
    for separator in [".", "/"] {
      let before = ["grpc", "reflection", "v1"].joined(separator: separator)
      for (start, rooted) in [(before, ""), (".\(before)", ".")] where text.hasPrefix(start) {
        let rest = text.dropFirst(start.count)
        guard rest.isEmpty || rest.hasPrefix(separator) else { continue }
        return "\(rooted)\(before)alpha\(rest)"
      }
    }
    return text
  }

  /// Which parts of google/protobuf/descriptor.proto hold names, by the messages that lead to them.
  private indirect enum Renaming {
    case name
    case message([Int: Renaming])
    /// As the message around it.
    case nested

    static let file = Renaming.message([
      1: .name, 2: .name,
      4: .message([2: .message([2: .name, 6: .name]), 3: .nested]),
      6: .message([2: .message([2: .name, 3: .name])]),
    ])

    func rewrite(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
      guard case .message(let parts) = self else {
        return Array(FileDescriptor.renamed(String(decoding: bytes, as: UTF8.self)).utf8)
      }
      var output: [UInt8] = []
      for field in DescriptorFields(bytes) {
        switch field.value {
        case .number(let value):
          Self.append(UInt64(field.number) << 3, to: &output)
          Self.append(value, to: &output)
        case .bytes(let inner):
          let content = rewrite(inner, by: parts[field.number])
          Self.append(UInt64(field.number) << 3 | 2, to: &output)
          Self.append(UInt64(content.count), to: &output)
          output += content
        }
      }
      return output
    }

    private func rewrite(_ bytes: ArraySlice<UInt8>, by part: Renaming?) -> [UInt8] {
      switch part {
      case nil: Array(bytes)
      case .nested?: rewrite(bytes)
      case let part?: part.rewrite(bytes)
      }
    }

    private static func append(_ value: UInt64, to output: inout [UInt8]) {
      var rest = value
      while rest >= 0x80 {
        output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
      }
      output.append(UInt8(rest))
    }
  }
}
