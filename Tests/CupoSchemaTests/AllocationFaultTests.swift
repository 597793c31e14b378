import Testing

@testable import CupoSchema
@testable import Protobuf

/// protobuf-c where the arena refuses, at every allocation of a message in turn.
@Suite struct AllocationFaultTests {
  private func message() -> [UInt8] {
    var resource = Resource.example()
    var window = Slots.Window.example()
    window.days = [.monday, .friday]
    var slots = Slots()
    slots.windows = [window, window]
    resource.inventory = .slots(slots)
    resource.unknownFields = [0xfa, 0x3e, 0x03, 1, 2, 3]
    resource.saleWindow = SaleWindow.example()
    resource.saleWindow?.leadTime = ProtobufDuration(seconds: 60)
    resource.seasons = (0..<20).map { _ in Season.example() }
    var request = PutResourceRequest()
    request.resource = resource
    // The same part twice: protobuf-c merges them.
    return request.encoded() + request.encoded()
  }

  @Test func everyRefusalIsAnError() throws {
    let bytes = message()
    var limit = 0
    var refusals = 0
    while true {
      let arena = WireArena.take(limit: limit)
      defer { arena.release() }
      do throws(DecodingError) {
        _ = try unsafe PutResourceRequest.wireType.unpack(bytes.span, in: arena)
        break
      } catch {
        #expect(error == DecodingError(.tooLarge, subject: "cupo.capacity.v1.PutResourceRequest"))
        refusals += 1
      }
      limit += 8
    }
    #expect(refusals > 100)
    #expect(try PutResourceRequest(decoding: bytes.span).resource?.seasons.count == 40)
  }
}
