internal import Capacity

/// Where a listing goes on: behind the day or slot that the last page ended with.
struct PageToken: Equatable {
  var date: CivilDate
  var ordinal: Int64

  init(date: CivilDate, ordinal: Int64) {
    self.date = date
    self.ordinal = ordinal
  }

  /// Nil for anything that `text` never gave out.
  init?(_ token: String) {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "1", let day = Int32(parts[1], radix: 36),
      let ordinal = Int64(parts[2], radix: 36)
    else { return nil }
    self.init(date: CivilDate(day: day), ordinal: ordinal)
    guard text == token, (CivilDate.first...CivilDate.last).contains(date) else { return nil }
  }

  var text: String {
    "1.\(String(date.day, radix: 36)).\(String(ordinal, radix: 36))"
  }
}
