internal import Identity
internal import Logging

/// Keeps what a server believes its callers by as the files say, as long as it runs.
final class ServerIdentity: Sendable {
  /// How often the files are looked at: a key that is taken away counts no longer than this.
  private static let interval = Duration.seconds(1)
  /// How often they are looked at where tokens name keys that are not known, whoever sends how many of them.
  private static let unknownKeyInterval = Duration.milliseconds(100)

  let authenticator: Authenticator
  /// Whether a signing key was made for this start.
  let hasNewKey: Bool
  // One is remembered, however many come.
  private let unknownKeys: AsyncStream<Void>
  private let settings: IdentitySettings
  private let data: String
  private let logger: Logger

  /// Reads the files, and makes the server's own key where there is none and it is needed.
  static func start(
    _ settings: IdentitySettings, data: String, logger: Logger
  ) async throws(Failure) -> ServerIdentity {
    var hasNewKey = false
    if settings.keysPath == nil { hasNewKey = try await OwnKey.readOrMake(in: data).isNew }
    let identity = ServerIdentity(settings, data, hasNewKey: hasNewKey, logger)
    let change = await identity.authenticator.use(try identity.read())
    guard change.complaints.isEmpty else {
      throw Failure(.usage, change.complaints.joined(separator: "\n  "))
    }
    return identity
  }

  private init(
    _ settings: IdentitySettings, _ data: String, hasNewKey: Bool, _ logger: Logger
  ) {
    let (unknownKeys, unknownKey) = AsyncStream<Void>.makeStream(
      bufferingPolicy: .bufferingNewest(1))
    self.unknownKeys = unknownKeys
    authenticator = Authenticator(
      rules: settings.rules, clock: { SystemClock.seconds() },
      unknownKey: { unknownKey.yield() })
    self.hasNewKey = hasNewKey
    self.settings = settings
    self.data = data
    self.logger = logger
  }

  /// Looks at the files until the task is cancelled.
  func poll() async {
    async let unknown: Void = pollWhenKeysAreUnknown()
    while (try? await Task.sleep(for: Self.interval)) != nil { await reload() }
    await unknown
  }

  // An issuer may sign by a new key as soon as it has published it.
  private func pollWhenKeysAreUnknown() async {
    for await _ in unknownKeys {
      await reload()
      guard (try? await Task.sleep(for: Self.unknownKeyInterval)) != nil else { return }
    }
  }

  /// Reads the files again. What cannot be read changes nothing and is logged.
  func reload() async {
    do throws(Failure) {
      let change = await authenticator.use(try read())
      for complaint in change.complaints { logger.error("keys: \(complaint)") }
      guard change.isNew else { return }
      logger.notice("other keys are in use", metadata: ["keys": "\(authenticator.keysCount)"])
    } catch {
      logger.error("the keys stay as they were: \(error.text)")
    }
  }

  private func read() throws(Failure) -> Authenticator.Files {
    do throws(FileBytes.Unreadable) {
      let principals = try settings.principalsPath.map { path throws(FileBytes.Unreadable) in
        try FileBytes.read(path, bytesMax: 4 * 1_024 * 1_024)
      }
      return Authenticator.Files(keys: try keyFiles(), principals: principals)
    } catch {
      throw Failure(.usage, error.text)
    }
  }

  private func keyFiles() throws(FileBytes.Unreadable) -> [KeyFile] {
    guard let path = settings.keysPath else {
      let own = OwnKey.path(in: data)
      return [KeyFile(name: "signing-key.pem", bytes: try bytes(own), isOwn: true)]
    }
    guard let names = try Folder.names(in: path) else {
      return [
        KeyFile(
          name: path.split(separator: "/").last.map(String.init) ?? path, bytes: try bytes(path))
      ]
    }
    let files = names.filter { $0.first != "." && ($0.hasSuffix(".json") || $0.hasSuffix(".pem")) }
    guard files.count <= KeyFile.filesMax else {
      throw FileBytes.Unreadable(text: "\(path) has more than \(KeyFile.filesMax) key files")
    }
    return try files.map { name throws(FileBytes.Unreadable) in
      KeyFile(name: name, bytes: try bytes("\(path)/\(name)"))
    }
  }

  private func bytes(_ path: String) throws(FileBytes.Unreadable) -> [UInt8] {
    try FileBytes.read(path, bytesMax: KeyFile.bytesMax)
  }
}
