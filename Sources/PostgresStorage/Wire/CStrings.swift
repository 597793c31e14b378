/// Lends texts to C as it wants lists of them: pointers behind one another, and nil at the end.
enum CStrings {
  typealias List = UnsafePointer<UnsafePointer<CChar>?>

  static func lend<Result>(
    _ first: [String], _ second: [String], _ body: (List, List) -> Result
  ) -> Result {
    unsafe lend(first) { first in unsafe lend(second) { second in unsafe body(first, second) } }
  }

  private static func lend<Result>(_ texts: [String], _ body: (List) -> Result) -> Result {
    var bytes: [CChar] = []
    let starts = texts.map { text in
      let start = bytes.count
      bytes += text.utf8.map { CChar(bitPattern: $0) } + [0]
      return start
    }
    return unsafe bytes.withUnsafeBufferPointer { buffer in
      var pointers: [UnsafePointer<CChar>?] = unsafe starts.map { start in
        unsafe buffer.baseAddress.map { unsafe $0 + start }
      }
      unsafe pointers.append(nil)
      return unsafe pointers.withUnsafeBufferPointer { list in
        guard let base = list.baseAddress else {
          preconditionFailure("a list that ends with nil is never empty")
        }
        return unsafe body(base)
      }
    }
  }
}
