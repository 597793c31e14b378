import Capacity
import CapacityEngine

/// Keeps which reservations hold units, for those who open the store: all pages are in memory, and a batch writes those that it changes.
///
/// An index over the reservations would have an entry for each, and entries that are only ever appended make SQLite level out the pages at the
/// end with every batch.
final class HoldingWriter {
  typealias Pages = [UInt64: NumberPage]

  private let stored: HoldingPages
  private let write: Statement
  private let delete: Statement
  // Nil: not known.
  private var pages: Pages?

  init(_ connection: Connection) throws(StorageError) {
    stored = try HoldingPages(connection)
    write = try connection.prepare(
      "INSERT INTO holding VALUES (?, ?) ON CONFLICT DO UPDATE SET numbers = excluded.numbers")
    delete = try connection.prepare("DELETE FROM holding WHERE page = ?")
    pages = try stored.all()
  }

  /// Writes what `reservations` change, within a transaction; `keep` or `forget` follows its end.
  ///
  /// - Returns: the pages that are others now.
  func write(_ reservations: [Reservation]) throws(StorageError) -> Pages {
    guard !reservations.isEmpty else { return [:] }
    let before = try known()
    var changed: Pages = [:]
    for group in Self.groups(reservations) {
      let index = NumberPage.index(of: group[group.startIndex].number)
      let old = changed[index] ?? before[index] ?? NumberPage()
      var page = old
      for reservation in group { page.set(reservation.number, reservation.isHolding) }
      if page != old { changed[index] = page }
    }
    for (index, page) in changed.sorted(by: { $0.key < $1.key }) { try write(page, at: index) }
    return changed
  }

  /// What was written is durable.
  func keep(_ changed: Pages) {
    for (index, page) in changed { pages?[index] = page.isEmpty ? nil : page }
  }

  /// Whether what was written is there is not known.
  func forget() {
    pages = nil
  }

  private func known() throws(StorageError) -> Pages {
    if let pages { return pages }
    let all = try stored.all()
    pages = all
    return all
  }

  private func write(_ page: NumberPage, at index: UInt64) throws(StorageError) {
    if page.isEmpty { return try delete.run { values in values.bind(1, index) } }
    try write.run(lending: page.bytes) { values in
      values.bind(1, index)
      values.bindBlob(2)
    }
  }

  // Neighbours of one page.
  private static func groups(_ reservations: [Reservation]) -> [ArraySlice<Reservation>] {
    var groups: [ArraySlice<Reservation>] = []
    var rest = reservations[...]
    while let first = rest.first {
      let index = NumberPage.index(of: first.number)
      let group = rest.prefix { NumberPage.index(of: $0.number) == index }
      groups.append(group)
      rest = rest.dropFirst(group.count)
    }
    return groups
  }
}
