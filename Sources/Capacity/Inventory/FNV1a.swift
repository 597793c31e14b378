/// The hash FNV-1a of texts: what it comes to is the same everywhere, which a hash of the standard library is not.
/// (Fowler, Noll, Vo: https://www.rfc-editor.org/rfc/rfc9923)
struct FNV1a {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  init(_ text: String) {
    add(text)
  }

  /// Goes on with the bytes of `text`, as if they stood behind those before.
  mutating func add(_ text: String) {
    for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }
}
