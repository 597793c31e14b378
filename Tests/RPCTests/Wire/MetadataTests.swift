import HTTP2
import Testing

@testable import RPC

@Suite("Metadata")
struct MetadataTests {
  @Test func valuesKeepTheirOrder() {
    var metadata = Metadata()
    metadata.append("Accept-Language", "es")
    metadata.append("x", "1")
    metadata.append("accept-language", "en")
    #expect(metadata["accept-language"] == "es")
    #expect(metadata.values(for: "accept-language") == ["es", "en"])
    #expect(metadata["nothing"] == nil)
    #expect(metadata.fields.map(\.name) == ["accept-language", "x", "accept-language"])
  }

  @Test func bytesGoInBase64() {
    var metadata = Metadata()
    metadata.append(binary: "t-bin", [0, 255])
    metadata.append("t-bin", "AAE=,AAH/")
    metadata.append("t-bin", "no base64!")
    #expect(metadata["t-bin"] == "AP8")
    #expect(metadata[binary: "t-bin"] == [0, 255])
    #expect(metadata.binaryValues(for: "t-bin") == [[0, 255], [0, 1], [0, 1, 255]])
  }

  @Test func onlyPrintableTextGoesOut() {
    var metadata = Metadata()
    metadata.append("x", "a\r\nb\u{0}ñc")
    #expect(metadata["x"] == "abc")
  }

  @Test func fieldsOfHTTPAreHidden() {
    var block = HeaderBlock()
    block.append(":path", "/a")
    block.append("x", "1")
    #expect(Metadata(received: block).fields.map(\.name) == ["x"])
  }

  @Test(arguments: StatusCode.allCases)
  func statusGoesThereAndBack(code: StatusCode) {
    var metadata = Metadata()
    metadata.append("x-more", "yes")
    let error = RPCError(
      code: code, message: "50 % \n ñ", details: [1, 2, 255], metadata: metadata)
    for block in [StatusTrailers.block(error), StatusTrailers.only(error)] {
      let outcome = StatusTrailers.outcome(block)
      #expect(outcome?.code == (code == .ok ? nil : code))
      guard let outcome else { continue }
      #expect(outcome.message == error.message)
      #expect(outcome.details == error.details)
      #expect(outcome.metadata["x-more"] == "yes")
      // An error passed on carries one status, not two.
      #expect(
        Metadata(received: StatusTrailers.block(outcome)).values(for: "grpc-status").count == 1)
    }
  }

  @Test func trailersStaySmall() {
    var metadata = Metadata()
    metadata.append("x", String(repeating: "x", count: Metadata.bytesMax))
    let error = RPCError(
      code: .internal, message: String(repeating: "m", count: 100_000),
      details: [UInt8](repeating: 0, count: 100_000), metadata: metadata)
    #expect(StatusTrailers.block(error).listBytes < 2_048)
  }
}
