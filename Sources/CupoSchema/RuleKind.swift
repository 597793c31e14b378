/// Which rule of a field a contract case breaks.
package enum RuleKind: String, Sendable, CaseIterable {
  case required, requiredWith, oneofRequired, maxLength, format, range, duration, wellFormed
  case minItems, maxItems, knownValue
  /// A slot's spelling; answered SLOT_MALFORMED.
  case slot
}
