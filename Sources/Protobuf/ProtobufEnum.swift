/// A Protocol Buffers enum: any number, of which some have names.
///
/// Proto3 enums are open. A value that this schema does not know yet stays what it is.
package protocol ProtobufEnum: RawRepresentable, Hashable, Sendable, CustomStringConvertible
where RawValue == Int32 {
  /// The value with this number, known or not.
  init(rawValue: Int32)

  /// Every value that the schema names, in its order.
  static var allCases: [Self] { get }

  /// The name in the schema without the prefix that all values share, as in `HELD`; nil if unknown.
  var name: String? { get }
}

extension ProtobufEnum {
  /// The name, or the number of an unknown value.
  package var description: String { name ?? "\(rawValue)" }

  /// Whether the schema names this value, and not as the unspecified one.
  package var isKnown: Bool { rawValue != 0 && name != nil }
}
