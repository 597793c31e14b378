internal import Capacity
internal import CupoSchema

/// One page of a list that is in the order of its ids. Tokens name the last id of their page, so what is added or taken away
/// meanwhile moves nothing else.
struct ListPage<Element> {
  /// Elements of one page where nothing is said.
  static var sizeStandard: Int { 100 }

  let elements: [Element]
  let nextToken: String

  /// - Parameters:
  ///   - all: in any order.
  ///   - size: 0: the standard.
  ///   - token: of the page before; empty: the first page.
  ///   - filter: what the list is of; a token is good for the same filter only.
  init(
    _ all: some Sequence<Element>, id: (Element) -> String, size: UInt32, token: String,
    filter: String
  ) throws(Refusal) {
    var last = ""
    if !token.isEmpty {
      guard let named = ListToken.id(of: token, filter: filter) else {
        throw Refusal(.pageTokenInvalid)
      }
      last = named
    }
    let size = size == 0 ? Self.sizeStandard : Int(size)
    let rest = all.filter { id($0) > last }.sorted { id($0) < id($1) }
    elements = Array(rest.prefix(size))
    let end = elements.last.map(id) ?? ""
    nextToken = rest.count > size ? ListToken.text(of: end, filter: filter) : ""
  }
}

/// Spells and reads the tokens of lists.
enum ListToken {
  static func text(of id: String, filter: String) -> String {
    "1.\(fingerprint(id, filter)).\(id)"
  }

  /// The id that `token` names; nil for anything that was never given out for `filter`.
  static func id(of token: String, filter: String) -> String? {
    let parts = token.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { return nil }
    let id = String(parts[2])
    return text(of: id, filter: filter) == token ? id : nil
  }

  // FNV-1a: a guard against mistakes, not against malice; the token opens no door.
  private static func fingerprint(_ id: String, _ filter: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for text in [filter, id] {
      for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      hash = (hash ^ 0xFF) &* 0x100_0000_01b3
    }
    return String(hash, radix: 36)
  }
}
