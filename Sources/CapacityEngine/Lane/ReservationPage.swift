package import Capacity

/// A part of a list of reservations, newest first.
package struct ReservationPage: Sendable {
  package var reservations: [Reservation]
  /// Everything below this number is yet to be looked at; nil: that was all.
  package var next: UInt64?
}

/// What part of a list to read.
package struct ReservationQuery: Sendable {
  /// How many stored records one visit to the lane looks at: others wait meanwhile.
  static let scannedMax = 500

  package var filter: ReservationFilter
  /// Only numbers below this one; nil: from the newest on.
  package var before: UInt64?
  package var limit: Int

  package init(filter: ReservationFilter, before: UInt64?, limit: Int) {
    self.filter = filter
    self.before = before
    self.limit = limit
  }
}
