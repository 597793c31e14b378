/// A length of time in microseconds.
package struct Interval: Hashable, Comparable, Sendable, Codable {
  package var microseconds: Int64

  package init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  package init(seconds: Int64) {
    self.microseconds = seconds * 1_000_000
  }

  package static func < (left: Interval, right: Interval) -> Bool {
    left.microseconds < right.microseconds
  }
}
