import CapacityEngine

/// The entries of several runs in the order of their hashes.
struct KeyMerge {
  private var readers: [KeyRunReader]
  // What each has next.
  private var heads: [KeyEntry?]

  init(_ runs: [KeyRun], _ pages: KeyPages) throws(StorageError) {
    readers = runs.map { KeyRunReader($0) }
    heads = []
    for index in readers.indices { heads.append(try readers[index].next(pages)) }
  }

  /// The least that is left. Not called when none is.
  mutating func next(_ pages: KeyPages) throws(StorageError) -> KeyEntry {
    var least: (index: Int, entry: KeyEntry)?
    for (index, head) in heads.enumerated() {
      guard let head else { continue }
      if let other = least, !KeyEntry.precedes(head, other.entry) { continue }
      least = (index, head)
    }
    guard let least else {
      throw StorageError(.corrupt, "a run of the keys has fewer entries than it says")
    }
    heads[least.index] = try readers[least.index].next(pages)
    return least.entry
  }
}
