/// A table by id, in many small tables: readers have copies of it, and a change behind one costs the part that it is in, not the
/// whole. Without that, the 100,000th product of an import would cost as much as all before it.
struct SplitTable<Value: Sendable>: Sendable {
  private static var partsCount: Int { 256 }

  private var parts: [[String: Value]] = Array(repeating: [:], count: partsCount)

  subscript(id: String) -> Value? {
    get { parts[Self.part(id)][id] }
    set { parts[Self.part(id)][id] = newValue }
  }

  var values: some Collection<Value> { parts.lazy.flatMap(\.values) }

  // Ids that are chosen to meet make one part large, which costs what a single table did.
  private static func part(_ id: String) -> Int {
    let hash = FNV1a(id).value
    return Int((hash ^ hash >> 32) % UInt64(partsCount))
  }
}
