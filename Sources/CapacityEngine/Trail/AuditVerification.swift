package import Capacity
internal import HashChain

/// A place in a chain whose hash somebody has kept outside of the store, as in `lane-0:1234:9f86...`.
package struct AuditAnchor: Equatable, Sendable {
  package var chain: AuditChain
  package var head: AuditHead

  package init(chain: AuditChain, head: AuditHead) {
    self.chain = chain
    self.head = head
  }

  /// Nil for a text of another form.
  package init?(text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[0].isEmpty, let sequence = UInt64(parts[1]),
      let hash = AuditHash(text: String(parts[2]))
    else { return nil }
    self.init(
      chain: AuditChain(name: String(parts[0])), head: AuditHead(sequence: sequence, hash: hash))
  }

  package var text: String { "\(chain.name):\(head.sequence):\(head.hash.text)" }
}

/// Recomputes every hash of the audit log and says, for each chain, which entry is the first that is not as it was written.
///
/// The store must not change meanwhile. What it cannot find: a log that somebody has written anew from some entry to its end, with
/// the ends of its chains. Only an anchor tells of that.
package struct AuditVerification: Sendable {
  private static let pageSize = 500

  /// The first thing that is wrong with a chain.
  package struct Finding: Equatable, Sendable {
    package var chain: AuditChain
    /// Of the first entry that is not as it was written.
    package var sequence: UInt64
    /// What is wrong with it, in a sentence without it.
    package var problem: String
  }

  /// The end of each chain that was found to be whole.
  package private(set) var anchors: [AuditAnchor] = []
  package private(set) var findings: [Finding] = []
  package private(set) var entriesCount = 0

  /// - Parameter kept: places that are known from elsewhere.
  package static func run(
    _ log: any AuditLog, kept: [AuditAnchor] = []
  ) throws(StorageError) -> AuditVerification {
    var verification = AuditVerification()
    let heads = try log.auditHeads()
    for chain in Set(heads.keys).union(kept.map(\.chain)).sorted() {
      let own = kept.filter { $0.chain == chain }
      let problem = try verification.check(log, chain, heads[chain] ?? AuditHead(), own)
      if let problem {
        verification.findings.append(
          Finding(chain: chain, sequence: problem.0, problem: problem.1))
      } else if let head = heads[chain], head.sequence > 0 {
        verification.anchors.append(AuditAnchor(chain: chain, head: head))
      }
    }
    return verification
  }

  private mutating func check(
    _ log: any AuditLog, _ chain: AuditChain, _ head: AuditHead, _ kept: [AuditAnchor]
  ) throws(StorageError) -> (UInt64, String)? {
    var end = AuditHead()
    while true {
      let page = try log.auditEntries(of: chain, after: end.sequence, limit: Self.pageSize)
      for entry in page {
        if let problem = Self.problem(entry, after: end) { return problem }
        end = AuditHead(sequence: entry.sequence, hash: entry.hash)
        entriesCount += 1
        if kept.contains(where: { $0.head.sequence == end.sequence && $0.head.hash != end.hash }) {
          return (end.sequence, "is not the one whose hash was kept")
        }
      }
      if page.isEmpty { return Self.problem(head, kept, atEnd: end) }
    }
  }

  private static func problem(
    _ entry: AuditEntry, after end: AuditHead
  ) -> (UInt64, String)? {
    let next = end.sequence + 1
    guard entry.sequence == next else { return (next, "is missing") }
    guard HashChain.hash(after: end.hash, entry.body) == entry.hash else {
      return (next, "has another hash than its text and the entry before it give")
    }
    do throws(StorageError) {
      _ = try AuditSeal.record(of: entry)
    } catch {
      return (next, "cannot be read: \(error.detail)")
    }
    return nil
  }

  private static func problem(
    _ head: AuditHead, _ kept: [AuditAnchor], atEnd end: AuditHead
  ) -> (UInt64, String)? {
    let last = max(head.sequence, kept.map(\.head.sequence).max() ?? 0)
    if end.sequence < last { return (end.sequence + 1, "is missing, and all up to \(last)") }
    if end.sequence > head.sequence {
      return (head.sequence + 1, "is behind the recorded end of the chain")
    }
    return end.hash == head.hash
      ? nil : (end.sequence, "is not the one that the recorded end of the chain names")
  }
}
