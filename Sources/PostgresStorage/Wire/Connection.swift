import CPostgres
import CapacityEngine

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One connection to the database, in pipeline mode. Used from one thread at a time.
///
/// Not for transactions that outlive an error: who begins one ends it. The one thing to know: the socket never blocks, and every
/// wait has a time-out, after which the connection is broken for good.
@safe final class Connection {
  private let handle: OpaquePointer
  let settings: ConnectionSettings
  private(set) var isBroken = false
  private var prepared: Set<String> = []

  /// Connects, and sets the session up.
  init(_ settings: ConnectionSettings) throws(StorageError) {
    if let problem = Connection.whyNotLoaded { throw StorageError(.unavailable, problem) }
    self.settings = settings
    let deadline = ContinuousClock.now + .milliseconds(settings.connectMilliseconds)
    unsafe handle = try Connection.start(settings)
    // A thrown error ends the object, which closes the connection.
    try connect(deadline)
    guard unsafe PQsetnonblocking(handle, 1) == 0, unsafe PQenterPipelineMode(handle) == 1 else {
      throw failure()
    }
    // What the server says beside its answers would go to standard error.
    unsafe PQsetNoticeProcessor(handle, { _, _ in }, nil)
    try setUp()
  }

  deinit {
    unsafe PQfinish(handle)
  }

  // Nil: libpq is loaded.
  private static let whyNotLoaded: String? =
    unsafe cupo_load_libpq().map { why in
      "libpq is missing (Debian: apt-get install libpq5): \(unsafe String(cString: why))"
    }

  private static func start(_ settings: ConnectionSettings) throws(StorageError) -> OpaquePointer {
    // The address comes last: what it says itself counts.
    let options = [
      ("fallback_application_name", "cupo \(settings.schema)"), ("keepalives_idle", "5"),
      ("keepalives_interval", "2"), ("keepalives_count", "3"),
      ("tcp_user_timeout", String(settings.answerMilliseconds)),
      ("target_session_attrs", "read-write"), ("dbname", settings.address.uri),
    ]
    let started = unsafe CStrings.lend(options.map(\.0), options.map(\.1)) { names, values in
      unsafe PQconnectStartParams(names, values, 1)
    }
    guard let handle = unsafe started else {
      throw StorageError(.unavailable, "there is no memory for a connection")
    }
    return unsafe handle
  }

  private func connect(_ deadline: ContinuousClock.Instant) throws(StorageError) {
    guard unsafe PQstatus(handle) != CONNECTION_BAD else { throw failure() }
    var isWriting = true
    while true {
      try wait(isWriting ? POLLOUT : POLLIN, deadline, "the database does not answer")
      switch unsafe PQconnectPoll(handle) {
      case PGRES_POLLING_OK: return
      case PGRES_POLLING_READING: isWriting = false
      case PGRES_POLLING_WRITING: isWriting = true
      default: throw failure()
      }
    }
  }

  private func setUp() throws(StorageError) {
    let encoding = unsafe PQparameterStatus(handle, "server_encoding")
    guard let encoding = unsafe encoding, unsafe String(cString: encoding) == "UTF8" else {
      throw StorageError(.corrupt, "the database's encoding must be UTF8")
    }
    // Statements are few and always go by an index: a plan made while tables are small must not outlive that.
    let values = [
      ("client_encoding", "UTF8"), ("search_path", settings.schema), ("jit", "off"),
      ("lock_timeout", String(settings.lockMilliseconds)),
      ("statement_timeout", String(settings.statementMilliseconds)),
      ("idle_in_transaction_session_timeout", String(settings.idleMilliseconds)),
      ("plan_cache_mode", "force_generic_plan"), ("enable_seqscan", "off"),
      ("enable_hashjoin", "off"), ("enable_mergejoin", "off"),
    ]
    let list = values.map { "set_config('\($0)', '\($1)', false)" }.joined(separator: ", ")
    _ = try exchange([Query(once: "SELECT \(list)")])
  }

  // MARK: Exchanges

  var isInTransaction: Bool {
    let status = unsafe PQtransactionStatus(handle)
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
  }

  /// Rolls back what is open, if anything is.
  func endTransaction() {
    guard !isBroken, isInTransaction else { return }
    // Where it fails the connection is lost, and the transaction with it.
    _ = try? exchange([Query(Transaction.rollBack)])
  }

  /// Sends `queries` at once and waits for all answers. When one fails those behind it are not run, and it is thrown.
  func exchange(_ queries: [Query]) throws(StorageError) -> [Rows] {
    guard !isBroken else { throw StorageError(.unavailable, "the connection is lost") }
    let deadline = ContinuousClock.now + .milliseconds(settings.answerMilliseconds)
    var steps: [Step] = []
    for query in queries {
      if !query.name.isEmpty, !prepared.contains(query.name) {
        try sent(unsafe PQsendPrepare(handle, query.name, query.sql, 0, nil))
        steps.append(.preparing(query.name))
        // A second one in the same exchange finds it.
        prepared.insert(query.name)
      }
      try send(query)
      steps.append(.running)
    }
    try sent(unsafe PQpipelineSync(handle))
    return try answers(to: steps, deadline)
  }

  private enum Step {
    case preparing(String)
    case running
  }

  private func send(_ query: Query) throws(StorageError) {
    let values = query.values
    let lengths = values.ranges.map { Int32($0.count) }
    let formats = values.ranges.map { _ in Int32(1) }
    let result = unsafe values.bytes.withUnsafeBytes { buffer in
      // A parameter without bytes is not NULL: it points somewhere.
      let base = unsafe buffer.baseAddress ?? Connection.nowhere
      let pointers: [UnsafePointer<CChar>?] = unsafe values.ranges.map { range in
        unsafe (base + range.lowerBound).assumingMemoryBound(to: CChar.self)
      }
      let count = Int32(values.ranges.count)
      guard query.name.isEmpty else {
        return unsafe PQsendQueryPrepared(
          handle, query.name, count, pointers, lengths, formats, 1)
      }
      return unsafe PQsendQueryParams(
        handle, query.sql, count, nil, pointers, lengths, formats, 1)
    }
    try sent(result)
  }

  private static let nothing: StaticString = ""
  private static var nowhere: UnsafeRawPointer { unsafe UnsafeRawPointer(nothing.utf8Start) }

  private func sent(_ result: Int32) throws(StorageError) {
    guard result == 1 else { throw broken() }
  }

  private func answers(
    to steps: [Step], _ deadline: ContinuousClock.Instant
  ) throws(StorageError) -> [Rows] {
    var rows: [Rows] = []
    var first: StorageError?
    for step in steps {
      let answer = try answer(deadline)
      // The end of this step.
      try end(deadline)
      switch (answer, step) {
      case (.rows(let result), .running): rows.append(result)
      case (.rows, .preparing): break
      case (.failed(let error), .preparing(let name)):
        prepared.remove(name)
        first = first ?? error
      case (.failed(let error), .running): first = first ?? error
      case (.skipped, .preparing(let name)): prepared.remove(name)
      case (.skipped, .running): break
      }
    }
    // The sync itself.
    _ = try answer(deadline)
    if let first { throw first }
    return rows
  }

  private enum Answer {
    case rows(Rows)
    case failed(StorageError)
    /// Something before it failed.
    case skipped
  }

  private func answer(_ deadline: ContinuousClock.Instant) throws(StorageError) -> Answer {
    guard let result = unsafe try next(deadline) else { throw broken() }
    switch unsafe PQresultStatus(result) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_PIPELINE_SYNC, PGRES_EMPTY_QUERY:
      return .rows(unsafe Rows(result))
    case PGRES_PIPELINE_ABORTED:
      unsafe PQclear(result)
      return .skipped
    default:
      let error = unsafe failure(result)
      unsafe PQclear(result)
      guard !isBroken else { throw error }
      return .failed(error)
    }
  }

  private func end(_ deadline: ContinuousClock.Instant) throws(StorageError) {
    while let more = unsafe try next(deadline) { unsafe PQclear(more) }
  }

  /// The next result when it is there; nil: the end of a step.
  private func next(_ deadline: ContinuousClock.Instant) throws(StorageError) -> OpaquePointer? {
    while true {
      let flushed = unsafe PQflush(handle)
      guard flushed >= 0 else { throw broken() }
      guard unsafe PQisBusy(handle) == 1 else { return unsafe PQgetResult(handle) }
      try wait(POLLIN | (flushed == 1 ? POLLOUT : 0), deadline, "no answer in time")
      guard unsafe PQconsumeInput(handle) == 1 else { throw broken() }
    }
  }

  // MARK: Notifications

  /// The socket, to wait for notifications on.
  var socket: Int32 { unsafe PQsocket(handle) }

  /// The payloads of the notifications that have come, and by which process of the server each was sent.
  func notifications() throws(StorageError) -> [(sender: Int32, payload: String)] {
    guard !isBroken, unsafe PQconsumeInput(handle) == 1 else { throw broken() }
    var all: [(sender: Int32, payload: String)] = []
    while let notification = unsafe PQnotifies(handle) {
      all.append(
        (unsafe notification.pointee.be_pid, unsafe String(cString: notification.pointee.extra)))
      unsafe PQfreemem(notification)
    }
    return all
  }

  /// The server's process of this connection.
  var process: Int32 { unsafe PQbackendPID(handle) }

  // MARK: Waiting and failing

  private func wait(
    _ events: Int32, _ deadline: ContinuousClock.Instant, _ complaint: String
  ) throws(StorageError) {
    while true {
      let rest = (deadline - .now) / .milliseconds(1)
      var entry = pollfd(fd: socket, events: Int16(events), revents: 0)
      let count = rest > 0 ? unsafe poll(&entry, 1, Int32(rest.rounded(.up))) : 0
      if count > 0 { return }
      if count < 0, errno == EINTR { continue }
      isBroken = true
      throw StorageError(.unavailable, complaint)
    }
  }

  private func broken() -> StorageError {
    isBroken = true
    return failure()
  }

  private func failure() -> StorageError {
    let message = unsafe PQerrorMessage(handle).map { unsafe String(cString: $0) } ?? ""
    return StorageError(state: "", message: settings.address.redacted(message))
  }

  private func failure(_ result: OpaquePointer) -> StorageError {
    let state =
      unsafe PQresultErrorField(result, Int32(UInt8(ascii: "C")))
      .map { unsafe String(cString: $0) } ?? ""
    let text = unsafe PQresultErrorField(result, Int32(UInt8(ascii: "M")))
      .map { unsafe String(cString: $0) }
    guard let text else { return broken() }
    if StorageError.endsConnection(state) { isBroken = true }
    return StorageError(state: state, message: text)
  }
}
