import CupoClient
import CupoSchema
import Protobuf

/// The body of one Reserve after another: encoded once, and then only the key changes, and the product where there are
/// several.
struct ReserveBody: Sendable {
  private let template: [UInt8]
  private let keyOffset: Int
  // Where the digits are that tell the products apart.
  private let digitsEnd: Int
  private let productsCount: Int
  private let hasRandomKeys: Bool

  /// - Parameters:
  ///   - productIDs: of one length; they differ in their last digits, which count from 0.
  ///   - hasRandomKeys: otherwise keys are in the order of time.
  ///   - lines: of each, all of one product.
  init(productIDs: [String], hasRandomKeys: Bool, lines: Int = 1) {
    productsCount = productIDs.count
    self.hasRandomKeys = hasRandomKeys
    let productID = productIDs[0]
    var line = Line()
    line.productID = productID
    line.quantity = 1
    var request = ReserveRequest()
    request.lines = Array(repeating: line, count: lines)
    request.buyerID = "bench-buyer"
    // The first field of the message: behind the length prefix, its tag and its length.
    request.idempotencyKey = TimeOrderedKey.make()
    keyOffset = 7
    var message: [UInt8] = []
    request.encode(into: &message)
    let body = [0, 0, 0, UInt8(message.count >> 8), UInt8(message.count & 255)] + message
    template = body
    let name = Array(productID.utf8)
    let start = body.indices.first { body[$0...].starts(with: name) }
    digitsEnd = (start ?? 0) + name.count
  }

  /// A body with a key that no other has.
  @Sendable
  func next() -> [UInt8] {
    var body = template
    body.replaceSubrange(
      keyOffset..<keyOffset + 36,
      with: hasRandomKeys ? randomKey() : Array(TimeOrderedKey.make().utf8))
    guard productsCount > 1 else { return body }
    var number = Int.random(in: 0..<productsCount)
    var place = digitsEnd
    while number > 0 {
      place -= 1
      body[place] = UInt8(ascii: "0") + UInt8(number % 10)
      number /= 10
    }
    return body
  }

  private func randomKey() -> [UInt8] {
    let bits = UInt128.random(in: 0...UInt128.max)
    let digits = Array("0123456789abcdef".utf8)
    return (0..<36).map { $0 < 32 ? digits[Int(bits >> (4 * UInt128($0)) & 15)] : 0x2E }
  }
}
