internal import CapacityEngine
internal import CupoClient
internal import RPC

/// What a server is started with.
struct ServeSettings: Equatable {
  var listen: Endpoint
  var storage: StorageChoice
  /// The folder of everything that the server keeps.
  var data: String
  /// nil: no TLS.
  var tls: ServerTLS?
  /// By what callers are believed to be who they say.
  var identity = IdentitySettings()
  /// What callers may ask for.
  var limits = LimitSettings()
  /// Whether logs may say whose a call was.
  var logsPersonalData = false
  /// Whether reflection tells everybody what can be called.
  var servesReflection = true
  /// Who may connect, if it listens on a Unix domain socket.
  var socketMode = SocketMode(bits: 0o600)
  /// How much of the log is kept.
  var retention = EventRetention()

  /// - Parameter storage: nil for the SQLite file `cupo.db` in the data folder.
  init(listen: Endpoint, storage: StorageChoice?, data: String) {
    self.listen = listen
    self.data = data
    let folder = data.hasSuffix("/") ? String(data.dropLast()) : data
    self.storage = storage ?? .sqlite(path: "\(folder)/cupo.db")
  }

  /// Makes the folders that are missing; a server in memory needs none.
  func makeFolders() throws(Failure) {
    guard case .sqlite(let path) = storage else { return }
    do throws(FileBytes.Unreadable) {
      try Folder.make(data)
      try Folder.make(Folder.holding(path))
    } catch {
      throw Failure(.unavailable, error.text)
    }
  }
}
