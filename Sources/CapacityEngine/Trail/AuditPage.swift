package import Capacity

/// Part of the audit log, all chains together.
package struct AuditPage: Sendable {
  /// By time as far as the chains have it in order, inside a chain always by sequence.
  package var entries: [AuditEntry]
  /// Whether there was more.
  package var isMore: Bool
  /// The last entry of each chain when it was read.
  package var ends: [AuditChain: UInt64]

  /// Reads what `request` asks for.
  init(of log: any AuditLog, _ request: AuditTrail.Request) throws(StorageError) {
    var all: [AuditEntry] = []
    let heads = try log.auditHeads()
    ends = heads.mapValues(\.sequence)
    for chain in heads.keys {
      all += try log.auditEntries(
        of: chain, after: request.positions[chain] ?? 0, limit: request.limit + 1)
    }
    // A chain may hold an entry that is older by the clock than the one before it; its order is what counts.
    var queues = Dictionary(grouping: all, by: \.chain).mapValues { $0.reversed() as [AuditEntry] }
    entries = []
    while entries.count < request.limit, let next = Self.first(of: queues) {
      entries.append(next)
      queues[next.chain]?.removeLast()
    }
    isMore = queues.values.contains { !$0.isEmpty }
  }

  private static func first(of queues: [AuditChain: [AuditEntry]]) -> AuditEntry? {
    queues.values.compactMap(\.last).min { ($0.at, $0.chain) < ($1.at, $1.chain) }
  }
}
