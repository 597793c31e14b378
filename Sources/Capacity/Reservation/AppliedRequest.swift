/// A request with an id of its own that changed a reservation: a repeat of it is recognised.
package struct AppliedRequest: Equatable, Sendable {
  package enum Action: UInt8, CaseIterable, Sendable {
    case consume = 1
    case release, extend, cancel
  }

  /// How many a reservation remembers, and so how many can be applied to it.
  package static let countMax = 256

  package var id: String
  package var action: Action
  /// As asked for; empty: all.
  package var amounts: [LineAmount]
  /// Extend: as asked for.
  package var ttl: Interval?

  package init(id: String, action: Action, amounts: [LineAmount], ttl: Interval? = nil) {
    self.id = id
    self.action = action
    self.amounts = amounts
    self.ttl = ttl
  }
}

/// A part of one line.
package struct LineAmount: Hashable, Sendable {
  /// Index into the reservation's lines.
  package var line: Int
  package var quantity: Int64

  package init(line: Int, quantity: Int64) {
    self.line = line
    self.quantity = quantity
  }
}
