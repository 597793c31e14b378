/// Words of 64 bits in a row's bytes, the lowest byte first.
extension [UInt8] {
  mutating func append(word: UInt64) {
    unsafe Swift.withUnsafeBytes(of: word.littleEndian) { unsafe append(contentsOf: $0) }
  }

  /// All whole words.
  var words: [UInt64] {
    unsafe withUnsafeBytes { bytes in
      (0..<bytes.count / 8).map { index in
        UInt64(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
      }
    }
  }
}
