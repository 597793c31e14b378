import Capacity
import CapacityEngine

/// Which reservations hold units, as the store has it: rows of 4,096 numbers, a bit for each. Pages without any have no row.
final class HoldingPages {
  // How many rows are read at once: whoever reads decides on the way when it is enough.
  private static let rowsAtOnce: Int64 = 16

  private let ascending: Pages
  private let descending: Pages

  init(_ connection: Connection) throws(StorageError) {
    ascending = try Pages(connection, isAscending: true)
    descending = try Pages(connection, isAscending: false)
  }

  /// Reservations that hold units with a number above `number`, ascending, at most `limit`.
  func reservations(
    after number: UInt64, limit: Int
  ) throws(StorageError) -> [Reservation] {
    try reservations(ascending, from: number, limit) { $0 > number }
  }

  /// The same with a number below `number`, descending.
  func reservations(
    before number: UInt64, limit: Int
  ) throws(StorageError) -> [Reservation] {
    try reservations(descending, from: number, limit) { $0 < number }
  }

  private func reservations(
    _ pages: Pages, from number: UInt64, _ limit: Int, _ isWanted: (UInt64) -> Bool
  ) throws(StorageError) -> [Reservation] {
    var found: [Reservation] = []
    try pages.visit(from: NumberPage.index(of: number)) { (index, page) throws(StorageError) in
      let ranges = Self.ranges(page.numbers(ofPage: index).filter(isWanted))
      for range in pages.isAscending ? ranges : ranges.reversed() where found.count < limit {
        try pages.reservations.query(
          { values in
            values.bind(1, range.lowerBound)
            values.bind(2, range.upperBound)
            values.bind(3, Int64(limit - found.count))
          },
          each: { (row) throws(StorageError) in
            found.append(try RecordCodec.decodeReservation(row.bytes(0)))
          })
      }
      return found.count < limit
    }
    return found
  }

  /// All pages.
  func all() throws(StorageError) -> [UInt64: NumberPage] {
    var pages: [UInt64: NumberPage] = [:]
    try ascending.visit(from: 0) { (index, page) throws(StorageError) in
      pages[index] = page
      return true
    }
    return pages
  }

  // Neighbours are read together.
  private static func ranges(_ numbers: [UInt64]) -> [ClosedRange<UInt64>] {
    var ranges: [ClosedRange<UInt64>] = []
    for number in numbers {
      if let last = ranges.last, number == last.upperBound + 1 {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
    return ranges
  }

  /// The statements of one direction.
  private final class Pages {
    let isAscending: Bool
    let reservations: Statement
    private let rows: Statement

    init(_ connection: Connection, isAscending: Bool) throws(StorageError) {
      self.isAscending = isAscending
      let order = isAscending ? "" : "DESC"
      rows = try connection.prepare(
        """
        SELECT page, numbers FROM holding WHERE page \(isAscending ? ">=" : "<=") ?
        ORDER BY page \(order) LIMIT ?
        """)
      reservations = try connection.prepare(
        """
        SELECT body FROM reservation WHERE number BETWEEN ? AND ? AND holding = 1
        ORDER BY number \(order) LIMIT ?
        """)
    }

    /// Calls `body` with page after page, the first that there is from `first` on, until it answers false.
    func visit(
      from first: UInt64, _ body: (UInt64, NumberPage) throws(StorageError) -> Bool
    ) throws(StorageError) {
      var next: UInt64? = first
      while let start = next {
        let some = try read(from: start)
        for (index, page) in some {
          guard try body(index, page) else { return }
        }
        let last = some.last?.index
        next = isAscending ? last.map { $0 + 1 } : last.flatMap { $0 == 0 ? nil : $0 - 1 }
      }
    }

    private func read(
      from first: UInt64
    ) throws(StorageError) -> [(index: UInt64, page: NumberPage)] {
      var found: [(index: UInt64, page: NumberPage)] = []
      try rows.query { values in
        values.bind(1, Int64(clamping: first))
        values.bind(2, rowsAtOnce)
      } each: { (row) throws(StorageError) in
        let index = row.uint(0)
        guard index <= NumberPage.indexMax, let page = NumberPage(bytes: row.bytes(1)) else {
          throw StorageError(.corrupt, "page \(row.int(0)) of what holds is damaged")
        }
        found.append((index, page))
      }
      return found
    }
  }
}
