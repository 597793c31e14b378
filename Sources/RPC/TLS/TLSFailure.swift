/// Why there is no TLS: a sentence that names the file or the side at fault.
package struct TLSFailure: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}
