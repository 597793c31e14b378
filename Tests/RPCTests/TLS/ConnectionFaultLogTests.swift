import Logging
import Synchronization
import Testing

@testable import RPC

@Suite("Faults of connections")
struct ConnectionFaultLogTests {
  /// Counts lines.
  final class Lines: Sendable {
    private let content = Mutex<[String]>([])
    var all: [String] { content.withLock { $0 } }
    func add(_ line: String) { content.withLock { $0.append(line) } }
  }

  struct Handler: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      lines.add("\(event.message)")
    }
  }

  @Test func peersCannotFillADisk() {
    let lines = Lines()
    let log = ConnectionFaultLog(Logger(label: "test") { _ in Handler(lines: lines) })
    for number in 0..<10_000 { log.report("fault \(number)", peer: "p") }
    #expect(lines.all.first == "refused a connection: fault 0")
    // One a second, however slow the machine is.
    #expect(lines.all.count < 10)
  }

  @Test func filesHaveALimit() throws {
    #expect(try SystemFile.read("/dev/null", bytesMax: 0).isEmpty)
    let error = #expect(throws: SystemFault.self) {
      _ = try SystemFile.read("/dev/zero", bytesMax: 100_000)
    }
    #expect(error?.text.contains("too large") == true)
    #expect(throws: SystemFault.self) { _ = try SystemFile.read("/nowhere", bytesMax: 1) }
  }
}
