import CapacityEngine

/// Writes a run from entries that come in the order of their hashes.
struct KeyRunWriter {
  private let pages: KeyPages
  private(set) var run: KeyRun
  private var page: [KeyEntry] = []

  /// - Parameter count: how many entries will come.
  init(_ pages: KeyPages, id: Int64, lastNumber: UInt64, count: Int) {
    self.pages = pages
    run = KeyRun(
      id: id, lastNumber: lastNumber, count: 0, filter: KeyFilter(count: count), fences: [])
  }

  mutating func append(_ entry: KeyEntry) throws(StorageError) {
    if page.isEmpty { run.fences.append(entry.hash) }
    page.append(entry)
    run.filter.insert(entry.hash)
    run.count += 1
    if page.count == KeyPages.entriesPerPage { try writePage() }
  }

  mutating func append(_ entries: [KeyEntry]) throws(StorageError) {
    for entry in entries { try append(entry) }
  }

  /// Writes what is left, and the run itself: from now on it counts.
  mutating func finish() throws(StorageError) -> KeyRun {
    if !page.isEmpty { try writePage() }
    try pages.write(run)
    return run
  }

  private mutating func writePage() throws(StorageError) {
    try pages.write(page, run: run.id, page: run.fences.count - 1)
    page.removeAll(keepingCapacity: true)
  }
}
