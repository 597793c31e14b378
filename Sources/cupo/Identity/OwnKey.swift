internal import Identity

/// The signing key that a server has of its own, in its data folder, and that commands on the same machine make their tokens by.
enum OwnKey {
  static func path(in data: String) -> String {
    "\(data.hasSuffix("/") ? String(data.dropLast()) : data)/signing-key.pem"
  }

  /// The key in this data folder; nil: there is none.
  static func read(in data: String) async throws(Failure) -> SigningKey? {
    let path = path(in: data)
    guard PrivateFile.exists(path) else { return nil }
    let bytes: [UInt8]
    do throws(FileBytes.Unreadable) {
      bytes = try FileBytes.read(path, bytesMax: KeyFile.bytesMax)
    } catch {
      throw Failure(.unavailable, error.text)
    }
    guard let key = await SigningKey.read(bytes) else {
      throw Failure(.usage, "\(path) has no key for ES256; remove it to have a new one made")
    }
    return key
  }

  /// The key in this data folder, made where it is missing.
  ///
  /// - Returns: Also whether it is new.
  static func readOrMake(in data: String) async throws(Failure) -> (key: SigningKey, isNew: Bool) {
    if let key = try await read(in: data) {
      guard PrivateFile.isPrivate(path(in: data)) else {
        throw Failure(
          .usage,
          "others may read \(path(in: data)), and whoever can makes tokens of any role: chmod 600 it"
        )
      }
      return (key, false)
    }
    let key = await SigningKey.generate()
    let isMade: Bool
    do throws(FileBytes.Unreadable) {
      try Folder.make(data)
      isMade = try PrivateFile.make(path(in: data), Array(key.pem.utf8))
    } catch {
      throw Failure(.unavailable, error.text)
    }
    if isMade { return (key, true) }
    // Another server has made one meanwhile.
    guard let theirs = try await read(in: data) else {
      throw Failure(.unavailable, "\(path(in: data)) comes and goes")
    }
    return (theirs, false)
  }
}
