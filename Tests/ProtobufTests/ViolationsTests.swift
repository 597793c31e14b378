import Protobuf
import Testing

@Suite struct ViolationsTests {
  @Test func pathsAreBuiltFromInsideOut() {
    var violations = Violations()
    violations.add("name", "Must not be empty.")
    let mark = violations.count
    violations.add("start", "Must be a time.")
    violations.add("days", index: 3, "Must be a day.")
    violations.prefix(from: mark, field: "windows", index: 2)
    violations.prefix(from: mark, field: "slots")
    #expect(
      violations.found.map(\.field)
        == ["name", "slots.windows[2].start", "slots.windows[2].days[3]"])
  }

  @Test func thereIsAMost() {
    var violations = Violations()
    for index in 0..<(Violations.max + 50) { violations.add("a", index: index, "No.") }
    #expect(violations.found.count == Violations.max)
  }
}
