internal import CNghttp2

extension HeaderBlock {
  /// Lends the fields in nghttp2's form. nghttp2 copies them; the pointers die with `body`.
  func withFields<R>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> R) -> R {
    unsafe withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: Swift.max(count, 1)) {
      fields in
      var index = 0
      visit { name, value in
        unsafe fields.initializeElement(at: index, to: Self.field(name, value))
        index += 1
        return true
      }
      return unsafe body(UnsafePointer(fields.baseAddress), index)
    }
  }

  // The spans lie in the block's storage, which `withFields` keeps alive and unchanged.
  private static func field(_ name: Span<UInt8>, _ value: Span<UInt8>) -> nghttp2_nv {
    unsafe name.withUnsafeBufferPointer { name in
      unsafe value.withUnsafeBufferPointer { value in
        unsafe nghttp2_nv(
          name: UnsafeMutablePointer(mutating: name.baseAddress),
          value: UnsafeMutablePointer(mutating: value.baseAddress),
          namelen: name.count, valuelen: value.count,
          flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue))
      }
    }
  }
}
