internal import ArgumentParser

/// Who may connect to a Unix domain socket, as `chmod` has it: `0600`, `660`.
struct SocketMode: ExpressibleByArgument, Equatable {
  let bits: UInt16

  init(bits: UInt16) {
    self.bits = bits
  }

  init?(argument: String) {
    guard let bits = UInt16(argument, radix: 8), bits <= 0o777, argument.first != "+" else {
      return nil
    }
    self.bits = bits
  }

  /// As the help shows a default.
  var defaultValueDescription: String { "0" + String(bits, radix: 8) }
}
