import CapacityEngine
import Synchronization

/// A connection of its own for batches that are written beside the lane; made when it is first needed, and anew when it is lost.
final class WriteLink: Sendable {
  private let link: Mutex<Link>

  init(_ settings: ConnectionSettings) {
    link = Mutex(Link(settings))
  }

  /// Nobody else has the connection meanwhile.
  func use<Result: Sendable>(
    _ body: (Connection) throws(StorageError) -> Result
  ) throws(StorageError) -> Result {
    try link.withLock { (link) throws(StorageError) in try body(try link.use()) }
  }

  func close() {
    link.withLock { $0.close() }
  }
}
