import CapacityEngine

/// Reads a run from its beginning to its end, a page at a time.
struct KeyRunReader {
  private let run: KeyRun
  private var page = 0
  private var entries: [KeyEntry] = []
  private var position = 0

  init(_ run: KeyRun) {
    self.run = run
  }

  /// The next entry; nil at the end.
  mutating func next(_ pages: KeyPages) throws(StorageError) -> KeyEntry? {
    if position == entries.count {
      guard page < run.fences.count else { return nil }
      entries = try pages.entries(run, page)
      page += 1
      position = 0
    }
    defer { position += 1 }
    return entries[position]
  }
}
