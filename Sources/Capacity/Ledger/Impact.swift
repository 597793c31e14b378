/// What a configuration change does to what is already promised.
package struct Impact: Equatable, Sendable {
  /// Reservations with units in a pool that the change concerns: another limit, no place in the schedule any more, or no draw of
  /// the product. Those that are not in memory are missing where there is a `scope`.
  package var reservationsAffected: UInt64
  package var unitsOvercommitted: Int64
  /// The slots of overcommitted pools, ascending.
  package var slotsOvercommitted: [String]
  /// What to look for among stored reservations; nil: nothing is missing.
  package var scope: Scope?

  /// Which reservations an impact counts.
  package struct Scope: Equatable, Sendable {
    /// Only with units of this product; nil: of any.
    package var productID: String?
    /// The pools, with the units in them: whoever has found reservations for all of them has found all.
    package var units: [PoolKey: Int64]

    package init(productID: String?, units: [PoolKey: Int64]) {
      self.productID = productID
      self.units = units
    }

    package func concerns(_ reservation: Reservation) -> Bool {
      reservation.lines.contains { line in
        line.held + line.consumed > 0 && (productID.map { $0 == line.productID } ?? true)
          && line.draws.contains { units[$0.pool] != nil }
      }
    }

    /// Takes the units of `reservation` out of what is to be found.
    package mutating func find(_ reservation: Reservation) {
      for line in reservation.lines where line.held + line.consumed > 0 {
        for draw in line.draws {
          guard let rest = units[draw.pool] else { continue }
          let next = rest - (line.held + line.consumed) * draw.units
          units[draw.pool] = next > 0 ? next : nil
        }
      }
    }
  }

  package init(
    reservationsAffected: UInt64 = 0, unitsOvercommitted: Int64 = 0,
    slotsOvercommitted: [String] = [], scope: Scope? = nil
  ) {
    self.reservationsAffected = reservationsAffected
    self.unitsOvercommitted = unitsOvercommitted
    self.slotsOvercommitted = slotsOvercommitted
    self.scope = scope
  }
}
