import CapacityEngine
import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Tells other nodes that something was committed, and hears of it from them, on a thread and a connection of its own.
///
/// Only a hint: NOTIFY takes a lock across the whole cluster, so it is sent after the commit, once for many, and it may be lost. A
/// lane looks at the log by itself all the same.
final class Herald: Sendable {
  /// Between two notifications passes at least so much.
  private static let pauseMilliseconds: Int32 = 5
  private static let patienceMilliseconds: Int32 = 1_000

  private struct State {
    var position: UInt64 = 0
    var isStopped = false
  }

  private let settings: ConnectionSettings
  private let told: @Sendable (UInt64) -> Void
  private let state = Mutex(State())
  private let hasNews = Atomic<Bool>(false)
  // Both ends of a pipe: what is written to it ends the wait.
  private let reading: Int32
  private let writing: Int32

  init(_ settings: ConnectionSettings, told: @escaping @Sendable (UInt64) -> Void) {
    self.settings = settings
    self.told = told
    var ends: [Int32] = [-1, -1]
    let result = unsafe pipe(&ends)
    precondition(result == 0, "the process has no descriptors left for a pipe")
    (reading, writing) = (ends[0], ends[1])
    for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    let thread = Thread { self.run() }
    thread.name = "cupo-herald"
    thread.start()
  }

  deinit {
    close(reading)
    close(writing)
  }

  /// Others shall hear that the store has everything up to `position`.
  func tell(_ position: UInt64) {
    state.withLock { $0.position = max($0.position, position) }
    if !hasNews.exchange(true, ordering: .acquiringAndReleasing) { wake() }
  }

  func stop() {
    state.withLock { $0.isStopped = true }
    wake()
  }

  private func wake() {
    var byte: UInt8 = 0
    // A pipe that is full wakes as well.
    _ = unsafe write(writing, &byte, 1)
  }

  // MARK: The thread

  private var channel: String { "cupo_\(settings.schema)" }

  private func run() {
    let (channel, schema) = (channel, settings.schema)
    let link = Link(settings) { (connection) throws(StorageError) in
      // Nothing is lost with a notification.
      _ = try connection.exchange([
        Query(once: "SET synchronous_commit = off"), Query(once: "LISTEN \(channel)"),
        ServingLock.share(schema),
      ])
    }
    while !state.withLock({ $0.isStopped }) {
      // While there is no connection, lanes look by themselves.
      if (try? attend(link)) == nil { rest(nil, Self.patienceMilliseconds / 5) }
    }
    link.close()
  }

  private func attend(_ link: Link) throws(StorageError) {
    let connection = try link.use()
    rest(connection.socket, Self.patienceMilliseconds)
    for notification in try connection.notifications()
    where notification.sender != connection.process {
      if let position = UInt64(notification.payload) { told(position) }
    }
    guard hasNews.exchange(false, ordering: .acquiringAndReleasing) else { return }
    var values = Values()
    values.append(channel)
    values.append(String(state.withLock { $0.position }))
    _ = try connection.exchange([Query(Self.notify, values)])
    rest(nil, Self.pauseMilliseconds)
  }

  // Waits until something comes on the socket or from the pipe; without a socket for nothing but the time.
  private func rest(_ socket: Int32?, _ milliseconds: Int32) {
    guard let socket else {
      _ = poll(nil, 0, milliseconds)
      return
    }
    var entries = [
      pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
      pollfd(fd: reading, events: Int16(POLLIN), revents: 0),
    ]
    _ = unsafe poll(&entries, 2, milliseconds)
    var bytes = [UInt8](repeating: 0, count: 64)
    while unsafe read(reading, &bytes, bytes.count) == bytes.count {}
  }

  private static let notify = Statement("notify", "SELECT pg_notify($1::text, $2::text)")
}
