/// The custom options of cupo/contract/v1, read from the unknown fields of the descriptor's
/// options.
///
/// The field numbers are those of contract.proto and error_reason.proto; a test compares them.
enum ContractOptions {
  /// The number that all of Cupo's options have.
  static let tag = 50731

  static func fieldRule(_ options: [UInt8]) -> FieldRule {
    var rule = FieldRule()
    guard let reader = WireReader(options).message(tag) else { return rule }
    rule.required = reader.number(1) == 1
    rule.maxLength = Int(reader.number(2) ?? 0)
    rule.format = FieldRule.Format(rawValue: Int(reader.number(3) ?? 0)) ?? .none
    if let range = reader.message(4) {
      rule.atLeast = range.number(1) ?? 0
      rule.atMost = range.number(2)
    }
    if let range = reader.message(5) {
      rule.moreThan = range.message(1).map(duration)
      rule.notNegative = rule.moreThan == nil
      rule.atMostDuration = range.message(2).map(duration)
    }
    rule.minItems = Int(reader.number(6) ?? 0)
    rule.maxItems = Int(reader.number(7) ?? 0)
    rule.knownValue = reader.number(8) == 1
    rule.requiredWith = reader.string(9) ?? ""
    rule.itemsApart = reader.number(10) == 1
    return rule
  }

  static func oneofRequired(_ options: [UInt8]) -> Bool {
    WireReader(options).number(tag) == 1
  }

  static func methodContract(_ options: [UInt8]) -> MethodContract {
    var contract = MethodContract()
    guard let reader = WireReader(options).message(tag) else { return contract }
    contract.roles = reader.numbers(1).map(Int32.init(truncatingIfNeeded:))
    contract.ownership = Int32(truncatingIfNeeded: reader.number(2) ?? 0)
    contract.idempotency = Int32(truncatingIfNeeded: reader.number(3) ?? 0)
    contract.errors = reader.numbers(4).map(Int32.init(truncatingIfNeeded:))
    if let deadline = reader.message(5).map(duration) {
      contract.deadlineMilliseconds = deadline.seconds * 1000 + Int64(deadline.nanos) / 1_000_000
    }
    return contract
  }

  static func errorEntry(_ options: [UInt8]) -> ErrorEntry? {
    guard let reader = WireReader(options).message(tag) else { return nil }
    return ErrorEntry(
      code: Int(reader.number(1) ?? 0), cause: reader.string(2) ?? "",
      mitigation: reader.string(3) ?? "", owner: reader.string(4) ?? "",
      retryable: reader.number(5) == 1, textEnglish: reader.string(6) ?? "",
      textSpanish: reader.string(7) ?? "")
  }

  private static func duration(_ reader: WireReader) -> FieldRule.Duration {
    FieldRule.Duration(
      seconds: reader.number(1) ?? 0, nanos: Int32(truncatingIfNeeded: reader.number(2) ?? 0))
  }
}
