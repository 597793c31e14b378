internal import ArgumentParser
internal import CupoClient
internal import CupoSchema

/// How much of which lines a partial consume or release is about.
struct AmountArguments: ParsableArguments {
  @Option(
    name: .customLong("line"), parsing: .singleValue,
    help: ArgumentHelp(
      "Only QUANTITY of the line with this index, from 0; may come several times.",
      valueName: "index=quantity"))
  var lines: [AmountArgument] = []

  @Option(
    help: "Names this partial change, so that it can be sent again. Absent: a new one is made.")
  var requestID: String?

  /// The request id to send: partial changes need one.
  var requestIDToSend: String {
    requestID ?? (lines.isEmpty ? "" : TimeOrderedKey.make())
  }

  var amounts: [LineAmount] { lines.map(\.amount) }
}

/// `2=3`: three units of line 2.
struct AmountArgument: ExpressibleByArgument, Equatable {
  let amount: LineAmount

  init?(argument: String) {
    let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
    guard parts.count == 2, let line = UInt32(parts[0]), let quantity = UInt32(parts[1]) else {
      return nil
    }
    var amount = LineAmount()
    (amount.line, amount.quantity) = (line, quantity)
    self.amount = amount
  }
}
