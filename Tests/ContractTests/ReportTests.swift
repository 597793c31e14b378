import Foundation
import Testing

@testable import CupoContract

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Reports for people and for machines.
@Suite struct ReportTests {
  private static let nasty = "<&>\"'\u{0}\u{1b}\n]]>\u{fffe} ñ 🎫"

  private static func report() -> ContractReport {
    var report = ContractReport(target: "127.0.0.1:1", runID: "ct-1")
    report.results = [
      ContractResult(subject: "S.A", name: "good", failure: nil, seconds: 0.5),
      ContractResult(
        subject: "S.A", name: nasty,
        failure: CheckFailure(expected: nasty, got: nasty, reproduce: "curl"), seconds: 0.25),
      ContractResult(subject: "S.B", name: "good", failure: nil, seconds: 0),
    ]
    report.notImplemented = ["S.C"]
    return report
  }

  @Test func junitIsWellFormedWhateverTheTexts() throws {
    let parser = XMLParser(data: Data(Self.report().junit.utf8))
    let counter = ElementCounter()
    parser.delegate = counter
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(counter.counts["testsuite"] == 3)
    #expect(counter.counts["testcase"] == 4)
    #expect(counter.counts["failure"] == 1)
    #expect(counter.counts["skipped"] == 1)
    #expect(
      counter.roots == ["tests": "4", "failures": "1", "skipped": "1", "name": "cupo contract"])
  }

  @Test func textSaysWhatFailedAndWhatWasNotChecked() {
    let text = Self.report().text()
    #expect(text.contains("✗ S.A (1 of 2)"))
    #expect(text.contains("✓ S.B (1 of 1)"))
    #expect(text.contains("again:    curl"))
    #expect(text.contains("– S.C"))
    #expect(text.contains("FAILED: 2 checks passed, 1 failed, 1 RPCs not implemented"))
    #expect(!text.contains("✓ good"))
    #expect(Self.report().text(verbose: true).contains("✓ good"))
  }

  /// Counts what a parser sees.
  private final class ElementCounter: NSObject, XMLParserDelegate {
    var counts: [String: Int] = [:]
    var roots: [String: String] = [:]

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      if name == "testsuites" { roots = attributes }
      counts[name, default: 0] += 1
    }
  }
}
