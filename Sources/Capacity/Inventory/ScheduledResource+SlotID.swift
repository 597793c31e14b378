extension ScheduledResource {
  /// The canonical slot id: CAPACITY `2026-12-24`, SLOTS `2026-12-24T10:30:00-05:00`, STOCK empty.
  package func slotID(of occurrence: Occurrence) -> String {
    switch resource.inventory.kind {
    case .stock: ""
    case .daily: occurrence.date.description
    case .slots: slotID(startingAt: occurrence.startSecond)
    }
  }

  /// The canonical slot id of the pool with this ordinal, whether or not the schedule still makes it.
  package func slotID(ofOrdinal ordinal: Int64) -> String {
    switch resource.inventory.kind {
    case .stock: ""
    case .daily: CivilDate(day: Int32(clamping: ordinal)).description
    case .slots: slotID(startingAt: ordinal)
    }
  }

  /// Finds what `slotID` names: only the canonical spelling is understood.
  package func find(slotID: String, at now: Instant) -> SlotSearch {
    switch resource.inventory.kind {
    case .stock:
      guard slotID.isEmpty, let stock = stock(at: now) else { return .malformed }
      return .found(stock)
    case .daily:
      guard let date = CivilDate(slotID) else { return .malformed }
      return day(date).map { .found($0) } ?? .noSuchSlot
    case .slots:
      guard let second = second(ofSlotID: slotID) else { return .malformed }
      return slot(startingAt: second).map { .found($0) } ?? .noSuchSlot
    }
  }

  /// The ordinal of the pool that a canonical id names, whether or not the schedule makes it.
  package func ordinal(ofSlotID slotID: String) -> Int64? {
    switch resource.inventory.kind {
    case .stock: slotID.isEmpty ? 0 : nil
    case .daily: CivilDate(slotID).map { Int64($0.day) }
    case .slots: second(ofSlotID: slotID)
    }
  }

  private func slotID(startingAt second: Int64) -> String {
    let offset = Int(zone.offset(atSecond: second))
    let local = second + Int64(offset)
    let date = zone.date(atSecond: second)
    let secondOfDay = Int(local - date.localSeconds)
    var text = AsciiText()
    text.append(date)
    text.append("T")
    text.append(secondOfDay / 3600, width: 2)
    text.append(":")
    text.append(secondOfDay / 60 % 60, width: 2)
    text.append(":")
    text.append(secondOfDay % 60, width: 2)
    text.append(offset < 0 ? "-" : "+")
    text.append(abs(offset) / 3600, width: 2)
    text.append(":")
    text.append(abs(offset) / 60 % 60, width: 2)
    return text.string
  }

  /// The start that a canonical id spells in this zone; nil for any other spelling, a wrong offset included.
  private func second(ofSlotID text: String) -> Int64? {
    guard let spelled = SlotSpelling(text) else { return nil }
    return Int(zone.offset(atSecond: spelled.second)) == spelled.offset ? spelled.second : nil
  }

  /// Whether `text` could be the id of some slot in some zone.
  package static func isSlotSpelling(_ text: String) -> Bool {
    text.isEmpty || CivilDate(text) != nil || SlotSpelling(text) != nil
  }
}

/// `2026-12-24T10:30:00-05:00`, taken apart.
private struct SlotSpelling {
  /// The start in UTC.
  var second: Int64
  /// Seconds east of UTC.
  var offset: Int

  init?(_ text: String) {
    var cursor = AsciiCursor(text)
    guard
      let year = cursor.number(4), cursor.skip(UInt8(ascii: "-")),
      let month = cursor.number(2), cursor.skip(UInt8(ascii: "-")),
      let day = cursor.number(2), cursor.skip(UInt8(ascii: "T")),
      let date = CivilDate(year: year, month: month, day: day),
      let hour = cursor.number(2), cursor.skip(UInt8(ascii: ":")), hour < 24,
      let minute = cursor.number(2), cursor.skip(UInt8(ascii: ":")), minute < 60,
      let second = cursor.number(2), second < 60, let sign = cursor.next(),
      sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
      let offsetHours = cursor.number(2), cursor.skip(UInt8(ascii: ":")), offsetHours < 24,
      let offsetMinutes = cursor.number(2), offsetMinutes < 60, cursor.isAtEnd
    else { return nil }
    let size = offsetHours * 3600 + offsetMinutes * 60
    // Zero is spelled +00:00.
    guard size > 0 || sign == UInt8(ascii: "+") else { return nil }
    offset = sign == UInt8(ascii: "-") ? -size : size
    self.second =
      date.localSeconds + Int64(hour * 3600 + minute * 60 + second) - Int64(offset)
  }
}

/// What a slot id turned out to be.
package enum SlotSearch: Hashable, Sendable {
  case found(Occurrence)
  /// Well spelled, but the schedule makes no such slot.
  case noSuchSlot
  /// Not the canonical spelling of any slot.
  case malformed
}
