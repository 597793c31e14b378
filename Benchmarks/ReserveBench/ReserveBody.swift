import CupoClient
import CupoSchema
import Protobuf

/// The body of one Reserve after another: encoded once, and then only the key changes.
struct ReserveBody: Sendable {
  private let template: [UInt8]
  private let keyOffset: Int
  private let hasRandomKeys: Bool

  /// - Parameter hasRandomKeys: otherwise keys are in the order of time.
  init(productID: String, hasRandomKeys: Bool) {
    self.hasRandomKeys = hasRandomKeys
    var line = Line()
    line.productID = productID
    line.quantity = 1
    var request = ReserveRequest()
    request.lines = [line]
    request.buyerID = "bench-buyer"
    // The first field of the message: behind the length prefix, its tag and its length.
    request.idempotencyKey = TimeOrderedKey.make()
    keyOffset = 7
    var message: [UInt8] = []
    request.encode(into: &message)
    template = [0, 0, 0, UInt8(message.count >> 8), UInt8(message.count & 255)] + message
  }

  /// A body with a key that no other has.
  @Sendable
  func next() -> [UInt8] {
    var body = template
    body.replaceSubrange(
      keyOffset..<keyOffset + 36,
      with: hasRandomKeys ? randomKey() : Array(TimeOrderedKey.make().utf8))
    return body
  }

  private func randomKey() -> [UInt8] {
    let bits = UInt128.random(in: 0...UInt128.max)
    let digits = Array("0123456789abcdef".utf8)
    return (0..<36).map { $0 < 32 ? digits[Int(bits >> (4 * UInt128($0)) & 15)] : 0x2E }
  }
}
