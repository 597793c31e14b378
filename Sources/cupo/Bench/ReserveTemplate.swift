internal import CupoSchema
internal import Protobuf

/// The body of one Reserve after another, or of one batch after another: encoded once, and then only the keys, the products
/// and the buyers change.
struct ReserveTemplate {
  /// How many buyers take turns.
  static let buyers = 1_000

  private let template: [UInt8]
  /// Where each request of a batch begins, of which there is one without a batch.
  private let starts: [Int]
  private let keyOffset: Int
  private let productEnd: Int
  private let buyerEnd: Int
  private let productsCount: Int

  /// - Parameters:
  ///   - productIDs: of one length; they differ in their last digits, which count from 0.
  ///   - batch: requests in a call; nil: the call is a Reserve.
  init(productIDs: [String], batch: Int? = nil, ttlSeconds: Int64? = nil) {
    productsCount = productIDs.count
    let request = Self.request(productIDs[0], ttlSeconds)
    let message: [UInt8] = request.encoded()
    var whole: [UInt8]
    if let batch {
      var all = BatchReserveRequest()
      all.requests = Array(repeating: request, count: batch)
      whole = all.encoded()
    } else {
      whole = message
    }
    whole = BenchFrame.message(whole)
    template = whole
    let stride = batch.map { (whole.count - BenchFrame.prefixBytes) / $0 } ?? 0
    let first =
      batch == nil ? BenchFrame.prefixBytes : BenchFrame.prefixBytes + stride - message.count
    starts = (0..<(batch ?? 1)).map { first + $0 * stride }
    // The first field of the message: behind its tag and its length.
    keyOffset = 2
    productEnd = Self.end(of: productIDs[0], in: message)
    buyerEnd = Self.end(of: request.buyerID, in: message)
  }

  private static func request(_ productID: String, _ ttlSeconds: Int64?) -> ReserveRequest {
    var line = Line()
    line.productID = productID
    line.quantity = 1
    var request = ReserveRequest()
    request.idempotencyKey = String(repeating: "k", count: BenchKeys.length)
    request.lines = [line]
    request.buyerID = "bench-buyer-0000"
    request.ttl = ttlSeconds.map { ProtobufDuration(seconds: $0) }
    return request
  }

  private static func end(of text: String, in bytes: [UInt8]) -> Int {
    let name = Array(text.utf8)
    let start = bytes.indices.first { bytes[$0...].starts(with: name) }
    return (start ?? 0) + name.count
  }

  /// A body whose keys no other has, of products and buyers by chance.
  func body(_ keys: inout BenchKeys, _ random: inout BenchRandom) -> [UInt8] {
    var body = template
    for start in starts {
      keys.write(into: &body, at: start + keyOffset)
      let chance = random.next()
      Self.write(
        Int(chance & 0xFFFF_FFFF) % productsCount, into: &body, endingAt: start + productEnd)
      Self.write(Int(chance >> 32) % Self.buyers, into: &body, endingAt: start + buyerEnd)
    }
    return body
  }

  // Over zeros.
  private static func write(_ number: Int, into body: inout [UInt8], endingAt end: Int) {
    var (number, place) = (number, end)
    while number > 0 {
      place -= 1
      body[place] = UInt8(ascii: "0") + UInt8(number % 10)
      number /= 10
    }
  }
}

/// gRPC's prefix before a message.
enum BenchFrame {
  static let prefixBytes = 5

  static func message(_ bytes: [UInt8]) -> [UInt8] {
    let length = UInt32(bytes.count)
    return [0] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> UInt32($0)) } + bytes
  }
}
