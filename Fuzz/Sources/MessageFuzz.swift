internal import CupoSchema
internal import Protobuf

/// Every message of the contract, decoded from anything.
enum MessageFuzz {
  /// The first byte chooses the message.
  static func run(_ input: UnsafeBufferPointer<UInt8>) -> Int32 {
    guard let choice = unsafe input.first else { return 0 }
    let type = MessageTypes.all[Int(choice) % MessageTypes.all.count]
    return read(type, unsafe Array(input.dropFirst()))
  }

  /// What is decoded encodes to something that decodes to the same.
  private static func read<M: Message>(_ type: M.Type, _ bytes: [UInt8]) -> Int32 {
    guard let message = try? M(decoding: bytes.span) else { return 0 }
    let encoded = message.encoded()
    guard let again = try? M(decoding: encoded.span) else {
      preconditionFailure("\(M.fullName) does not decode what it encoded")
    }
    precondition(again.encoded() == encoded, "\(M.fullName) does not come back")
    return 0
  }
}
