import Testing

@testable import CupoClient

@Suite struct ClientTests {
  @Test(
    arguments: [
      ("127.0.0.1:50051", "127.0.0.1:50051", true), ("localhost:0", "localhost:0", true),
      ("[::1]:1", "[::1]:1", true), ("127.9.9.9:1", "127.9.9.9:1", true),
      ("0.0.0.0:1", "0.0.0.0:1", false), ("[::]:65535", "[::]:65535", false),
      ("127.evil.example:1", "127.evil.example:1", false), ("127.0.0.1", nil, false),
      ("::1:80", nil, false), (":80", nil, false), ("a:65536", nil, false), ("a:+1", nil, false),
      ("a:", nil, false), ("", nil, false), ("unix:/run/s", "unix:/run/s", true),
      ("unix:s", "unix:s", true), ("unix:///run/s", "unix:/run/s", true), ("unix:", nil, false),
    ] as [(String, String?, Bool)])
  func `endpoints`(text: String, written: String?, isLoopback: Bool) {
    #expect(Endpoint(text)?.description == written)
    #expect(Endpoint(text)?.isLoopback ?? false == isLoopback)
  }

  @Test func `keys have the form of UUIDs of version 7`() {
    // RFC 9562, appendix A.6: 2022-02-22T19:22:22Z.
    let key = TimeOrderedKey.make(nanoseconds: 1_645_557_742_000_000_000, random: .max)
    #expect(key == "017f22e2-79b0-7000-bfff-ffffffffffff")
  }

  @Test func `keys sort by their time, inside a millisecond too`() {
    let start: Int64 = 1_645_557_742_000_000_000
    let keys = (0..<2_000).map {
      TimeOrderedKey.make(
        nanoseconds: start + Int64($0) * 1_000, random: UInt64.max / 7 * UInt64($0 % 7))
    }
    #expect(keys == keys.sorted())
    #expect(Set(keys).count == keys.count)
  }
}
