internal import ArgumentParser
internal import CapacityEngine
internal import CupoClient
internal import SQLiteStorage

/// Which store a command opens without a server.
struct StoreOptions: ParsableArguments {
  @Option(help: "sqlite:PATH. Absent: cupo.db in the data folder.")
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
    _ body: (SQLiteReader) throws(StorageError) -> Result
  ) throws(Failure) -> Result {
    let path = try path()
    do throws(StorageError) {
      let reader = try SQLiteReader.open(path: path)
      return try reader.snapshot { () throws(StorageError) in try body(reader) }
    } catch {
      throw Failure(.unavailable, "cannot read \(path): \(error.detail)")
    }
  }

  /// Shows one state of all that the store has to `body`, and whether a server has it.
  func readContents<Result>(
    _ body: (any StoredContents, _ isServed: Bool) throws(StorageError) -> Result
  ) throws(StorageError) -> Result {
    switch choice {
    case .sqlite(let path):
      let reader = try SQLiteReader.open(path: path)
      let isServed = SQLiteReader.isServed(path: path)
      return try reader.snapshot { () throws(StorageError) in try body(reader, isServed) }
    case .memory:
      throw StorageError(.conflict, "what is in memory cannot be looked at from here")
    }
  }

  /// Lets `body` have the store for itself.
  func own<Result>(
    _ body: (any Storage) throws(StorageError) -> Result
  ) throws(Failure) -> Result {
    let path = try path()
    do throws(StorageError) {
      // Looked at first: opening it would make one where there is none.
      _ = try SQLiteReader.open(path: path)
      let storage = try StorageChoice.sqlite(path: path).open()
      defer { storage.close() }
      return try body(storage)
    } catch {
      let advice = error.kind == .inUse ? "; stop the server first" : ""
      throw Failure(.unavailable, "cannot open \(path): \(error.detail)\(advice)")
    }
  }

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
      throw Failure(.usage, "only a store in a file can be looked at")
    }
    return path
  }
}
