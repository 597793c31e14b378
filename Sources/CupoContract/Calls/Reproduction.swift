/// A shell command that sends a request again.
enum Reproduction {
  /// Requests above this are not worth a command line, bytes.
  private static let bodyBytesMax = 1_024

  /// `curl` with the framed body; nil if it is too long to copy.
  static func command(host: String, port: Int, path: String, body: [UInt8]) -> String? {
    guard body.count <= bodyBytesMax else { return nil }
    let digits = Array("0123456789abcdef")
    let hex = String(body.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    return "echo \(hex) | xxd -r -p | curl -sv --http2-prior-knowledge -X POST"
      + " -H 'content-type: application/grpc' -H 'te: trailers' --data-binary @-"
      + " http://\(host.contains(":") ? "[\(host)]" : host):\(port)\(path)"
  }
}
