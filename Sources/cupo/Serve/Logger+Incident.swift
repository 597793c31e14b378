internal import CapacityAPI
internal import Logging

extension Logger {
  /// One line for a call that failed through our own fault.
  ///
  /// - Parameter showsPersonalData: says who called and from where; else both are masked.
  func error(_ incident: Incident, showsPersonalData: Bool) {
    let mask = { (name: String) in showsPersonalData ? name : Masked.text(name) }
    var metadata: Logger.Metadata = [
      "incident": "\(incident.id)", "method": "\(incident.method)", "origin": "\(incident.origin)",
      "peer": "\(mask(incident.peer))",
    ]
    if let id = incident.requestID { metadata["request_id"] = "\(id)" }
    if let principal = incident.principal { metadata["principal"] = "\(mask(principal))" }
    error("a call failed through the server's own fault", metadata: metadata)
  }
}

/// Names that are none of a log's business.
enum Masked {
  /// The first letter, and a mark by which the same name is known again in the log of this process and nowhere else.
  static func text(_ name: String) -> String {
    guard let first = name.first else { return "" }
    // Seeded at random in each process: nobody finds the name by trying names.
    var hasher = Hasher()
    hasher.combine(name)
    let mark = String(UInt32(truncatingIfNeeded: hasher.finalize()), radix: 16)
    return "\(first)…#\(mark)"
  }
}
