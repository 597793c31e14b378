import Capacity
import CapacityEngine

/// Which reservations hold units, as the store has it: rows of 4,096 numbers, a bit for each. Pages without any have no row.
final class HoldingPages {
  // How many rows are read at once: whoever reads decides on the way when it is enough.
  private static let rowsAtOnce: Int64 = 16

  private let ascending: Statement
  private let descending: Statement

  init(_ connection: Connection) throws(StorageError) {
    ascending = try connection.prepare(
      "SELECT page, numbers FROM holding WHERE page >= ? ORDER BY page LIMIT ?")
    descending = try connection.prepare(
      "SELECT page, numbers FROM holding WHERE page <= ? ORDER BY page DESC LIMIT ?")
  }

  /// Calls `visit` with the numbers above `number`, range after range, ascending, until it answers false.
  func visit(
    after number: UInt64, _ visit: (ClosedRange<UInt64>) throws(StorageError) -> Bool
  ) throws(StorageError) {
    var next: UInt64? = NumberPage.index(of: number)
    while let first = next {
      let rows = try read(ascending, from: first)
      for row in rows {
        let some = row.page.numbers(ofPage: row.index).filter { $0 > number }
        for range in Self.ranges(some) {
          guard try visit(range) else { return }
        }
      }
      next = rows.last.map { $0.index + 1 }
    }
  }

  /// The same with those below `number`, descending.
  func visit(
    before number: UInt64, _ visit: (ClosedRange<UInt64>) throws(StorageError) -> Bool
  ) throws(StorageError) {
    var next: UInt64? = NumberPage.index(of: number)
    while let first = next {
      let rows = try read(descending, from: first)
      for row in rows {
        let some = row.page.numbers(ofPage: row.index).filter { $0 < number }
        for range in Self.ranges(some).reversed() {
          guard try visit(range) else { return }
        }
      }
      next = rows.last.flatMap { $0.index == 0 ? nil : $0.index - 1 }
    }
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

  /// All pages.
  func all() throws(StorageError) -> [UInt64: NumberPage] {
    var pages: [UInt64: NumberPage] = [:]
    var next: UInt64? = 0
    while let first = next {
      let rows = try read(ascending, from: first)
      for row in rows { pages[row.index] = row.page }
      next = rows.last.map { $0.index + 1 }
    }
    return pages
  }

  private func read(
    _ statement: borrowing Statement, from first: UInt64
  ) throws(StorageError) -> [(index: UInt64, page: NumberPage)] {
    var rows: [(index: UInt64, page: NumberPage)] = []
    try statement.query { values in
      values.bind(1, Int64(clamping: first))
      values.bind(2, Self.rowsAtOnce)
    } each: { (row) throws(StorageError) in
      let index = row.uint(0)
      guard index <= NumberPage.indexMax, let page = NumberPage(bytes: row.bytes(1)) else {
        throw StorageError(.corrupt, "page \(row.int(0)) of what holds is damaged")
      }
      rows.append((index, page))
    }
    return rows
  }
}
