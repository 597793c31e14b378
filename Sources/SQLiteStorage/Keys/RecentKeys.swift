/// The newest keys, which no run has yet: they are found again in the reservations above the last run.
struct RecentKeys {
  // The last reservation of each hash, and of two with one hash the one before.
  private var last: [UInt64: UInt64] = [:]
  private var before: [UInt64: UInt64] = [:]
  private(set) var lastNumber: UInt64 = 0

  var count: Int { last.count + before.count }

  mutating func insert(_ entry: KeyEntry) {
    if let other = last.updateValue(entry.number, forKey: entry.hash), other != entry.number {
      before[entry.number] = other
    }
    lastNumber = max(lastNumber, entry.number)
  }

  /// The reservations whose key has this hash.
  func numbers(_ hash: UInt64) -> [UInt64] {
    guard var number = last[hash] else { return [] }
    var numbers = [number]
    while let other = before[number] {
      numbers.append(other)
      number = other
    }
    return numbers
  }

  /// All reservations whose key's hash is in `range`.
  func numbers(_ range: ClosedRange<UInt64>) -> [UInt64] {
    last.keys.lazy.filter { range.contains($0) }.flatMap { numbers($0) }
  }

  /// In the order of their hashes.
  var sorted: [KeyEntry] {
    var entries = last.map { KeyEntry(hash: $0.key, number: $0.value) }
    // Two with one hash are rare.
    if !before.isEmpty {
      entries = entries.flatMap { entry in
        numbers(entry.hash).map { KeyEntry(hash: entry.hash, number: $0) }
      }
    }
    return entries.sorted(by: KeyEntry.precedes)
  }
}
