/// Finds what somebody meant to write.
enum ClosestName {
  /// The name nearest to `text`, if it is near enough to be a slip: a part of it, or a few letters off.
  static func of(_ text: String, in names: [String]) -> String? {
    if text.count > 2, let longer = names.first(where: { $0.contains(text) }) { return longer }
    let ranked = names.map { (name: $0, distance: distance(text, $0)) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(2, text.count / 3) ? best.name : nil
  }

  // How many letters to insert, remove or replace (Levenshtein), one row at a time.
  private static func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right.utf8.prefix(64))
    var row = Array(0...right.count)
    for (index, letter) in left.utf8.prefix(64).enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in right.indices {
        let replaced = diagonal + (letter == right[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, row[column] + 1, row[column + 1] + 1)
      }
    }
    return row[right.count]
  }
}
