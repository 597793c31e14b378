/// Where a database is, and by whom it is opened: a connection URI as libpq understands it,
/// https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING. It may name several hosts.
package struct PostgresAddress: Equatable, Sendable, CustomStringConvertible {
  /// With the password, if it has one: for libpq alone.
  let uri: String

  /// - Returns: nil for a text that is no URI of a PostgreSQL database.
  package init?(_ text: String) {
    let schemes = ["postgres://", "postgresql://"]
    guard schemes.contains(where: { text.hasPrefix($0) && text.count > $0.count }) else {
      return nil
    }
    uri = text
  }

  /// As it may be shown: without passwords, wherever they stand.
  package var description: String {
    PostgresAddress.withoutPasswords(uri)
  }

  /// `text`, in which the password of this address may have been repeated, without it.
  func redacted(_ text: String) -> String {
    var safe = text
    for secret in secrets where !secret.isEmpty {
      safe = safe.split(separator: secret, omittingEmptySubsequences: false)
        .joined(separator: "***")
    }
    return safe
  }

  private var secrets: [String] {
    let (authority, query) = PostgresAddress.parts(uri)
    var found: [String] = []
    if let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") {
      found.append(String(authority[authority.index(after: colon)..<at]))
    }
    for field in query.split(separator: "&") where PostgresAddress.isSecret(field) {
      found.append(String(field.drop { $0 != "=" }.dropFirst()))
    }
    return found
  }

  private static func isSecret(_ field: Substring) -> Bool {
    field.hasPrefix("password=") || field.hasPrefix("sslpassword=")
  }

  // What stands between scheme and path, and the query.
  private static func parts(_ uri: String) -> (authority: Substring, query: Substring) {
    var rest = uri[...]
    while let first = rest.first, first != "/" { rest = rest.dropFirst() }
    rest = rest.dropFirst(2)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let query = rest.drop { $0 != "?" }.dropFirst()
    return (authority, query)
  }

  private static func withoutPasswords(_ uri: String) -> String {
    let scheme = uri.hasPrefix("postgresql://") ? "postgresql://" : "postgres://"
    var rest = uri.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    rest = rest.dropFirst(authority.count)
    let path = rest.prefix { $0 != "?" }
    let fields = rest.dropFirst(path.count + 1).split(separator: "&").filter { !isSecret($0) }
    var hosts = authority
    if let at = authority.lastIndex(of: "@") {
      let user = authority[..<at].prefix { $0 != ":" }
      hosts = user + authority[at...]
    }
    return scheme + hosts + path + (fields.isEmpty ? "" : "?" + fields.joined(separator: "&"))
  }
}
