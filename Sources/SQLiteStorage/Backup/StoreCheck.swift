import Capacity
import CapacityEngine

/// Whether a copy is a whole store: its pages, and then every counter.
enum StoreCheck {
  /// - Throws: `corrupt` where something is wrong.
  static func run(_ path: String, _ observer: ProgressObserver?) throws(StorageError) -> LedgerAudit
  {
    observer?(WorkProgress("checking pages", done: 0, of: nil, .records))
    let connection = try Connection(path: path, .reading, busyMilliseconds: 5000)
    var answer = ""
    try connection.prepare("PRAGMA integrity_check(1)").query { (row) throws(StorageError) in
      answer = try row.text(0)
    }
    guard answer == "ok" else {
      throw StorageError(.corrupt, "\(path) is damaged: \(answer)")
    }
    let reader = try SQLiteReader.open(path: path)
    let audit = try reader.snapshot { () throws(StorageError) in
      try StoreAudit.run(reader, observer: observer)
    }
    guard audit.findingsCount == 0 else {
      throw StorageError(
        .corrupt,
        "\(path) has \(audit.findingsCount) counters or records that are not as its log says")
    }
    return audit
  }
}
