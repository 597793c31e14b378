package import Capacity
import Foundation

extension RecordCodec {
  /// The JSON text of `resource`, keys sorted.
  ///
  /// - Throws: `corrupt` where it has no JSON.
  package static func encode(_ resource: Resource) throws(StorageError) -> [UInt8] {
    try json(resource, "resource \(resource.id)")
  }

  /// The JSON text of `product`, keys sorted.
  ///
  /// - Throws: `corrupt` where it has no JSON.
  package static func encode(_ product: Product) throws(StorageError) -> [UInt8] {
    try json(product, "product \(product.id)")
  }

  /// Reads what `encode` wrote.
  ///
  /// - Throws: `corrupt` for any other bytes.
  package static func decodeResource(_ bytes: [UInt8]) throws(StorageError) -> Resource {
    try value(bytes, "resource")
  }

  /// Reads what `encode` wrote.
  ///
  /// - Throws: `corrupt` for any other bytes.
  package static func decodeProduct(_ bytes: [UInt8]) throws(StorageError) -> Product {
    try value(bytes, "product")
  }

  static func json(_ value: some Encodable, _ what: String) throws(StorageError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return [UInt8](try encoder.encode(value))
    } catch {
      throw StorageError(.corrupt, "\(what) cannot be written as JSON: \(error)")
    }
  }

  static func value<Value: Decodable>(
    _ bytes: [UInt8], _ what: String
  ) throws(StorageError) -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(bytes))
    } catch {
      throw StorageError(
        .corrupt, "the stored \(what) is not what this version understands: \(error)")
    }
  }
}
