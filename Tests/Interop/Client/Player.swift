import InteropSchema
import RPC

/// Plays cases on one client. The cases are in extensions, one for each kind of thing that they look at.
struct Player {
  let client: Client

  /// For every call, so that a server that does not answer fails a case instead of stopping the run.
  static let timeout: Duration = .seconds(20)
  static let sizesOut = [31_415, 9, 2_653, 58_979]
  static let sizesIn = [27_182, 8, 1_828, 45_904]
  static let specialMessage =
    "\t\ntest with whitespace\r\nand Unicode BMP \u{263A} and non-BMP \u{1F608}\t\n"

  static func payload(_ size: Int) -> Payload {
    var payload = Payload()
    payload.body = [UInt8](repeating: 0, count: size)
    return payload
  }

  static func flag(_ value: Bool) -> BoolValue {
    var flag = BoolValue()
    flag.value = value
    return flag
  }

  /// 271,828 bytes that ask for 314,159.
  static var largeRequest: SimpleRequest {
    var request = SimpleRequest()
    request.responseSize = 314_159
    request.payload = payload(271_828)
    return request
  }

  static func output(
    _ sizes: [Int], compressed: [Bool] = [], intervalUs: Int32 = 0, payloadBytes: Int? = nil
  ) -> StreamingOutputCallRequest {
    var request = StreamingOutputCallRequest()
    request.responseParameters = sizes.enumerated().map { index, size in
      var parameters = ResponseParameters()
      parameters.size = Int32(size)
      parameters.intervalUs = intervalUs
      if index < compressed.count { parameters.compressed = flag(compressed[index]) }
      return parameters
    }
    request.payload = payloadBytes.map(payload)
    return request
  }

  static func check(_ response: SimpleResponse, bytes: Int = 314_159) throws(CaseFailure) {
    try expect(response.payload ?? Payload() == payload(bytes), "the answer is not \(bytes) zeros")
  }

  /// Everything that is left of a stream, as sizes.
  static func sizes(
    of responses: ResponseStream<StreamingOutputCallResponse>
  ) async throws(RPCError) -> [Int] {
    var sizes: [Int] = []
    for try await response in responses { sizes.append(response.payload?.body.count ?? 0) }
    return sizes
  }
}
