/// What the schema says about one enum.
struct EnumSchema {
  let values: [(name: String, number: Int)]
  /// What all names begin with, as in `WEEKDAY_`.
  let prefix: String

  /// Reads an `EnumDescriptorProto`.
  init(_ fields: [WireField]) {
    values = fields.messages(2).map { ($0.string(1), $0.integer(2) ?? 0) }
    let zero = values.first { $0.number == 0 }?.name ?? ""
    prefix = zero.hasSuffix("UNSPECIFIED") ? String(zero.dropLast("UNSPECIFIED".count)) : ""
  }

  /// The name of a number, or the number itself where the schema has no name for it.
  func name(_ number: Int) -> String {
    values.first { $0.number == number }?.name ?? "\(number)"
  }

  /// The number that `text` names: `vacation`, `VACATION` and `REASON_VACATION` are all one.
  func number(_ text: String) -> Int? {
    let wanted = text.uppercased()
    return values.first { $0.name == wanted || $0.name == prefix + wanted }?.number
  }

  /// What people write, without the value that stands for none.
  var shortNames: [String] {
    values.filter { $0.number != 0 }.map { $0.name.dropFirst(prefix.count).lowercased() }
  }
}
