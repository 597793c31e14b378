/// A failure of the store itself; never a business answer.
package struct StorageError: Error, Equatable {
  package enum Kind: Sendable, CaseIterable {
    /// Cannot be written or read now: disk full, read-only, I/O error, connection lost.
    case unavailable
    /// Another writer came first; the batch can run again.
    case conflict
    /// Another process has the store.
    case inUse
    /// What is stored is not what this version understands.
    case corrupt
  }

  package var kind: Kind
  /// For the log, never for a caller.
  package var detail: String

  /// What of it may be logged: where something is in the way the details name it, and behind the first line databases show rows.
  var loggable: String {
    kind == .conflict ? "something is in the way" : String(detail.prefix { !$0.isNewline })
  }

  package init(_ kind: Kind, _ detail: String) {
    self.kind = kind
    self.detail = detail
  }

  /// Whether the same call can succeed later without anybody's doing.
  package var isTransient: Bool {
    switch kind {
    case .unavailable, .conflict: true
    case .inUse, .corrupt: false
    }
  }
}
