/// Who is who by the names in certificates. One entry a line:
///
///     spiffe://shop.example/checkout   checkout        subject=checkout
///     dns:stand-7.shop.example         seller,search   subject=stand-7   sellers=s7,s8
///
/// A name is compared as it stands. Where several entries fit a certificate, the first one counts.
package struct PrincipalMap: Equatable, Sendable {
  /// Entries at most.
  static let entriesMax = 10_000
  private static let kinds = ["spiffe://", "dns:", "uri:", "email:", "ip:"]

  struct Entry: Equatable, Sendable {
    var name: String
    var roles: RoleSet
    var subject: String
    var sellerIDs: Set<String>
  }

  /// What is wrong with a line: a sentence.
  package struct Fault: Error, Equatable {
    package var text: String
  }

  private(set) var entries: [Entry] = []

  package init() {}

  package init(_ bytes: [UInt8]) throws(Fault) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Fault(text: "not UTF-8")
    }
    // CR and LF together are one character, which is a line's end as LF alone is.
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (number, line) in lines.enumerated() {
      let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }
      guard !words.isEmpty else { continue }
      do throws(Fault) {
        entries.append(try Self.entry(words.map(String.init)))
      } catch {
        throw Fault(text: "line \(number + 1): \(error.text)")
      }
    }
    guard entries.count <= Self.entriesMax else {
      throw Fault(text: "more than \(Self.entriesMax) entries")
    }
  }

  /// Who shows a certificate with these names; nil: nobody.
  package func principal(_ names: CertificateNames) -> Principal? {
    guard let entry = entries.first(where: { names.names.contains($0.name) }) else { return nil }
    return Principal(
      subject: entry.subject, roles: entry.roles, sellerIDs: entry.sellerIDs,
      proof: .certificate(names))
  }

  private static func entry(_ words: [String]) throws(Fault) -> Entry {
    guard words.count >= 2 else { throw Fault(text: "a name needs roles behind it") }
    guard kinds.contains(where: { words[0].hasPrefix($0) }) else {
      throw Fault(text: "'\(words[0])' begins with none of \(kinds.joined(separator: " "))")
    }
    var entry = Entry(name: words[0], roles: [], subject: words[0], sellerIDs: [])
    for name in words[1].split(separator: ",") {
      guard let role = RoleSet.role(named: String(name)) else {
        throw Fault(text: "'\(name)' is no role")
      }
      entry.roles.formUnion(RoleSet(role))
    }
    for word in words.dropFirst(2) {
      if word.hasPrefix("subject=") {
        entry.subject = String(word.dropFirst(8))
      } else if word.hasPrefix("sellers=") {
        entry.sellerIDs = Set(word.dropFirst(8).split(separator: ",").map(String.init))
      } else {
        throw Fault(text: "'\(word)' is neither subject= nor sellers=")
      }
    }
    guard !entry.roles.isEmpty else { throw Fault(text: "a name needs roles behind it") }
    guard ([entry.subject] + entry.sellerIDs).allSatisfy({ Principal.isID($0) }) else {
      throw Fault(text: "a subject and a seller have 1 to 64 bytes, printable, without spaces")
    }
    return entry
  }
}
