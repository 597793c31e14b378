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

  /// - Parameter productIDs: of one length; they differ in their last digits, which count from 0.
  init(productIDs: [String]) {
    productsCount = productIDs.count
    let productID = productIDs[0]
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
    body.replaceSubrange(keyOffset..<keyOffset + 36, with: TimeOrderedKey.make().utf8)
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
}
