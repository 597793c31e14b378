/// The version of this program: the one place that says it.
enum Version {
  static let text = "0.1.0"
}
