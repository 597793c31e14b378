/// What `cupo.contract.v1.FieldRule` says about a field; the default says nothing.
struct FieldRule: Equatable {
  /// Mirrors `cupo.contract.v1.Format`.
  enum Format: Int {
    case none = 0
    case id, date, clockTime, timeZone, slot
  }

  /// Whole seconds and nanoseconds.
  struct Duration: Equatable {
    var seconds: Int64 = 0
    var nanos: Int32 = 0
  }

  var required = false
  var maxLength = 0
  var format = Format.none
  var atLeast: Int64?
  var atMost: Int64?
  var moreThan: Duration?
  /// Of a duration that has bounds, but not `moreThan`.
  var notNegative = false
  var atMostDuration: Duration?
  var minItems = 0
  var maxItems = 0
  var knownValue = false
  var requiredWith = ""
  /// What is in an item of a repeated message is the item's own matter.
  var itemsApart = false
}

extension FieldRule {
  /// The lower bound that a type does not keep by itself.
  func effectiveAtLeast(_ kind: ProtoField.Kind) -> Int64? {
    guard let atLeast else { return nil }
    let isUnsigned = kind == .uint32 || kind == .uint64
    return isUnsigned && atLeast <= 0 ? nil : atLeast
  }
}
