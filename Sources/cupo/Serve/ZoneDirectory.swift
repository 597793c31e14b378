internal import Capacity
internal import Synchronization

/// The time zones of the system: TZif files in a folder (RFC 8536), each read once.
///
/// A zone stays as it was first read until the process ends, so that one server never answers by two versions.
final class ZoneDirectory: Sendable {
  static let systemPath = "/usr/share/zoneinfo"
  /// As long as the contract lets a name be.
  private static let nameBytesMax = 64
  /// The largest zone has less than 4 KiB.
  private static let fileBytesMax = 256 * 1_024
  private static let indexBytesMax = 4 * 1_024 * 1_024

  /// Of the time zone data, as in `2026a`; `unknown` where the system does not say.
  let version: String
  private let path: String
  private let zones = Mutex<[String: Zone]>([:])

  /// - Throws: A sentence that names what to install, where there are no zones.
  init(path: String = ZoneDirectory.systemPath) throws(Failure) {
    self.path = path
    version = Self.version(in: path)
    guard zone("UTC") != nil else {
      throw Failure(
        .unexpected, "there is no time zone data in \(path): install tzdata (apt install tzdata)")
    }
  }

  /// The zone with this IANA name; nil where there is none.
  func zone(_ name: String) -> Zone? {
    if let known = zones.withLock({ $0[name] }) { return known }
    guard Self.isName(name),
      // A file that cannot be read or understood is no zone to us.
      let bytes = try? FileBytes.read("\(path)/\(name)", bytesMax: Self.fileBytesMax),
      let zone = try? ZoneFile.zone(named: name, from: bytes)
    else { return nil }
    zones.withLock { $0[name] = zone }
    return zone
  }

  /// Whether `name` can be one of IANA's: letters, digits and `_+-` between slashes.
  ///
  /// Not these: `right/…` counts leap seconds, `posix/…` repeats all others, and `localtime` is whatever the machine is set to.
  static func isName(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    let isSpelled = parts.allSatisfy { part in
      !part.isEmpty
        && part.utf8.allSatisfy { byte in
          let letter = Character(Unicode.Scalar(byte))
          return letter.isASCII && (letter.isLetter || letter.isNumber || "_+-".contains(letter))
        }
    }
    return isSpelled && name.utf8.count <= nameBytesMax
      && !["right", "posix", "localtime", "posixrules"].contains(parts[0])
  }

  // `# version 2026a` is the first line of the compact form that comes with the data.
  private static func version(in path: String) -> String {
    guard let bytes = try? FileBytes.read("\(path)/tzdata.zi", bytesMax: indexBytesMax) else {
      return "unknown"
    }
    let line = String(decoding: bytes.prefix { $0 != 0x0A }.prefix(64), as: UTF8.self)
    let prefix = "# version "
    return line.hasPrefix(prefix) ? String(line.dropFirst(prefix.count)) : "unknown"
  }
}
