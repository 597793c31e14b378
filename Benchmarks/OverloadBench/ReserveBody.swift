import CupoClient
import CupoSchema
import Protobuf

/// The body of one Reserve after another: encoded once, and then only the key changes.
struct ReserveBody: Sendable {
  // The first field of the message is the key: behind the length prefix, its tag and its length.
  private static let keyOffset = 7
  private let template: [UInt8]

  /// - Parameter lines: of each, all of one product.
  init(productID: String, lines: Int) {
    var line = Line()
    line.productID = productID
    line.quantity = 1
    var request = ReserveRequest()
    request.lines = Array(repeating: line, count: lines)
    request.buyerID = "bench-buyer"
    request.idempotencyKey = TimeOrderedKey.make()
    var message: [UInt8] = []
    request.encode(into: &message)
    template = [0, 0, 0, UInt8(message.count >> 8), UInt8(message.count & 255)] + message
  }

  /// A body with a key that no other has.
  @Sendable
  func next() -> [UInt8] {
    var body = template
    body.replaceSubrange(Self.keyOffset..<Self.keyOffset + 36, with: TimeOrderedKey.make().utf8)
    return body
  }
}
