internal import ArgumentParser

/// A token as JSON has it: base64.
struct TokenArgument: ExpressibleByArgument, Equatable {
  let bytes: [UInt8]

  init?(argument: String) {
    guard let bytes = Base64Text.decode(argument), !bytes.isEmpty else { return nil }
    self.bytes = bytes
  }
}
