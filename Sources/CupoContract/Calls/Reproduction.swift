/// A shell command that sends a request again.
enum Reproduction {
  /// Requests above this are not worth a command line, bytes.
  private static let bodyBytesMax = 1_024

  /// `curl` with the framed body; nil if it is too long to copy.
  ///
  /// - Parameter address: As `ContractTarget.curlAddress` has it.
  static func command(address: String, path: String, body: [UInt8]) -> String? {
    guard body.count <= bodyBytesMax else { return nil }
    let digits = Array("0123456789abcdef")
    let hex = String(body.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    return "echo \(hex) | xxd -r -p | curl -sv -X POST"
      + " -H 'content-type: application/grpc' -H 'te: trailers' --data-binary @-"
      + " \(address)\(path)"
  }
}
