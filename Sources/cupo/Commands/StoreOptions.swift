internal import ArgumentParser
internal import Capacity
internal import CapacityEngine
internal import CupoClient
internal import PostgresStorage
internal import SQLiteStorage

/// Which store a command opens without a server.
struct StoreOptions: ParsableArguments {
  @Option(help: "sqlite:PATH or postgres://USER@HOST/DATABASE. Absent: cupo.db in the data folder.")
  var storage: StorageChoice?

  @Option(help: "The data folder of the server.")
  var data = "./cupo-data"

  /// What was asked for.
  var choice: StorageChoice {
    let listen = Endpoint(host: "127.0.0.1", port: 0)
    return ServeSettings(listen: listen, storage: storage, data: data).storage
  }

  /// Shows one state of the store to `body`, whoever writes meanwhile.
  func read<Result>(
    _ body: (any StoredLedger) throws(StorageError) -> Result
  ) throws(Failure) -> Result {
    let choice = choice
    do throws(StorageError) {
      switch choice {
      case .sqlite(let path):
        let reader = try SQLiteReader.open(path: path)
        return try reader.snapshot { () throws(StorageError) in try body(reader) }
      case .postgres(let address):
        let storage = try Self.open(address)
        defer { storage.close() }
        return try Self.readState(of: storage) { () throws(StorageError) in try body(storage) }
      case .memory: break
      }
    } catch {
      throw Failure(.unavailable, "cannot read \(choice.place): \(error.detail)")
    }
    throw Self.nowhere
  }

  /// Shows one state of all that the store has to `body`, and whether a server may have it.
  func readContents<Result>(
    _ body: (any StoredContents, _ isServed: Bool) throws(StorageError) -> Result
  ) throws(StorageError) -> Result {
    switch choice {
    case .sqlite(let path):
      let reader = try SQLiteReader.open(path: path)
      let isServed = SQLiteReader.isServed(path: path)
      return try reader.snapshot { () throws(StorageError) in try body(reader, isServed) }
    case .postgres(let address):
      let storage = try Self.open(address)
      defer { storage.close() }
      // Asked first: what a server that ends meanwhile wrote last is in the state that is read then.
      let isServed = try storage.isServed()
      return try Self.readState(of: storage) { () throws(StorageError) in
        try body(storage, isServed)
      }
    case .memory:
      throw StorageError(.conflict, "what is in memory cannot be looked at from here")
    }
  }

  /// Lets `body` have the store for itself. On PostgreSQL the servers wait meanwhile, and what `body` reads stays as it is until
  /// it commits the unit of work.
  func own<Result>(
    _ body: (any Storage, any UnitOfWork) throws(StorageError) -> Result
  ) throws(Failure) -> Result {
    let choice = choice
    do throws(StorageError) {
      let storage: any Storage
      switch choice {
      case .sqlite(let path):
        // Looked at first: opening it would make one where there is none.
        _ = try SQLiteReader.open(path: path)
        storage = try choice.open()
      case .postgres(let address): storage = try Self.open(address)
      case .memory: throw StorageError(.corrupt, "nothing is kept there")
      }
      defer { storage.close() }
      let unit = try storage.begin(reading: RecordNames())
      defer { unit.end() }
      return try body(storage, unit)
    } catch {
      let advice = error.kind == .inUse ? "; stop the server first" : ""
      throw Failure(.unavailable, "cannot open \(choice.place): \(error.detail)\(advice)")
    }
  }

  private static func readState<Result>(
    of storage: PostgresStorage, _ body: () throws(StorageError) -> Result
  ) throws(StorageError) -> Result {
    let unit = try storage.begin(
      .reading, reading: RecordNames(), after: StoreCounters(nextSequence: .max))
    defer { unit.end() }
    return try body()
  }

  private static func open(_ address: PostgresAddress) throws(StorageError) -> PostgresStorage {
    // An audit may take an hour.
    try PostgresStorage.open(ConnectionSettings(address).patient, newIdentity: nil)
  }

  private static let nowhere = Failure(
    .usage, "only a store in a file or a database can be looked at")

  /// Makes the folder that the store is to be in, where it is missing.
  func makeFolder() throws(Failure) {
    guard case .sqlite(let path) = choice else { return }
    do throws(FileBytes.Unreadable) {
      try Folder.make(Folder.holding(path))
    } catch {
      throw Failure(.unavailable, error.text)
    }
  }

  /// The file of the store.
  func path() throws(Failure) -> String {
    guard case .sqlite(let path) = choice else {
      throw Failure(
        .usage,
        "this is for a store in a file; for one on PostgreSQL there are pg_dump and pg_basebackup")
    }
    return path
  }
}

extension StorageChoice {
  /// As people name it.
  var place: String {
    if case .sqlite(let path) = self { path } else { description }
  }
}
