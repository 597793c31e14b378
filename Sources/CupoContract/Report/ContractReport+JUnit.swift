extension ContractReport {
  /// The report as JUnit XML, one suite for each RPC.
  package var junit: String {
    var subjects: [String] = []
    for result in results where subjects.last != result.subject { subjects.append(result.subject) }
    var lines = [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
      "<testsuites name=\"cupo contract\" tests=\"\(results.count + notImplemented.count)\""
        + " failures=\"\(failures.count)\" skipped=\"\(notImplemented.count)\">",
    ]
    for subject in subjects { lines += suite(subject) }
    for subject in notImplemented { lines += skippedSuite(subject) }
    return (lines + ["</testsuites>"]).joined(separator: "\n") + "\n"
  }

  private func suite(_ subject: String) -> [String] {
    let own = results.filter { $0.subject == subject }
    let failed = own.count { !$0.passed }
    let seconds = own.map(\.seconds).reduce(0, +)
    return [
      "  <testsuite name=\"\(Self.escaped(subject))\" tests=\"\(own.count)\" failures=\"\(failed)\""
        + " skipped=\"0\" time=\"\(seconds)\">"
    ] + own.flatMap(testcase) + ["  </testsuite>"]
  }

  private func testcase(_ result: ContractResult) -> [String] {
    let head =
      "    <testcase classname=\"\(Self.escaped(result.subject))\""
      + " name=\"\(Self.escaped(result.name))\" time=\"\(result.seconds)\""
    guard let failure = result.failure else { return [head + "/>"] }
    let again = failure.reproduce.map { "\nagain: \($0)" } ?? ""
    let body = "expected: \(failure.expected)\ncame: \(failure.got)\(again)"
    return [
      head + ">",
      "      <failure message=\"\(Self.escaped(failure.expected))\">"
        + "\(Self.escaped(body))</failure>",
      "    </testcase>",
    ]
  }

  private func skippedSuite(_ subject: String) -> [String] {
    let name = Self.escaped(subject)
    return [
      "  <testsuite name=\"\(name)\" tests=\"1\" failures=\"0\" skipped=\"1\" time=\"0\">",
      "    <testcase classname=\"\(name)\" name=\"implemented\">",
      "      <skipped message=\"not implemented by this server\"/>", "    </testcase>",
      "  </testsuite>",
    ]
  }

  // XML 1.0, section 2.2: control characters cannot be written at all.
  static func escaped(_ text: String) -> String {
    var output = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": output += "&amp;"
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "\"": output += "&quot;"
      case "\n": output += "&#10;"
      case "\t": output += "&#9;"
      case "\u{fffe}", "\u{ffff}": output += "?"
      default: output += scalar.value < 0x20 ? "?" : String(scalar)
      }
    }
    return output
  }
}
