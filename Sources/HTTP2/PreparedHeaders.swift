internal import CNghttp2

/// Header fields that are sent again and again: their bytes live as long as the process, so that nothing is copied.
///
/// Make them once, as a `static let`; what one holds is never freed.
@safe package final class PreparedHeaders: Sendable {
  nonisolated(unsafe) private let fields: UnsafeMutableBufferPointer<nghttp2_nv>

  package init(_ list: [(name: StaticString, value: StaticString)]) {
    unsafe fields = .allocate(capacity: list.count)
    for (index, field) in list.enumerated() {
      unsafe fields.initializeElement(at: index, to: Self.field(field.name, field.value))
    }
  }

  private static func field(_ name: StaticString, _ value: StaticString) -> nghttp2_nv {
    unsafe nghttp2_nv(
      name: UnsafeMutablePointer(mutating: name.utf8Start),
      value: UnsafeMutablePointer(mutating: value.utf8Start),
      namelen: name.utf8CodeUnitCount, valuelen: value.utf8CodeUnitCount,
      flags: UInt8(
        NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue))
  }

  func withFields<R>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> R) -> R {
    unsafe body(UnsafePointer(fields.baseAddress), fields.count)
  }
}
