internal import CupoClient

/// Why a command ends without having done its work: a sentence for people, and the exit code.
struct Failure: Error {
  var status: ExitStatus
  /// One or more lines, without "error:".
  var text: String
  /// The same for programs.
  var json: JSONValue

  init(_ status: ExitStatus, _ text: String) {
    self.status = status
    self.text = text
    json = .object([.init("error", .object([.init("message", .string(text))]))])
  }

  init(_ error: CupoError, language: String) {
    status = ExitStatus(error)
    text = ErrorText.lines(error, language: language).joined(separator: "\n")
    json = ErrorText.json(error, language: language)
  }

  static func cannotConnect(_ endpoint: Endpoint, _ error: CupoError) -> Failure {
    // What the transport says is for engineers; that nobody listens there is the common case, and has a sentence.
    let isRefused = error.message.contains("Connection refused")
    let why = isRefused ? "nobody listens there" : error.message
    return Failure(
      .unavailable,
      """
      cannot connect to \(endpoint): \(why)
        to do: start a server with `cupo serve` or `make run`, or name another by --target HOST:PORT
      """)
  }
}
