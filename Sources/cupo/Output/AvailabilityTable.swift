internal import CupoSchema
internal import Protobuf

/// Availability for people: one row a slot, with a bar that shows what is consumed, held and free.
enum AvailabilityTable {
  static let barWidth = 20

  static func lines(
    _ slots: [SlotAvailability], withPools: Bool = false, on terminal: Terminal
  ) -> [String] {
    var table = TextTable()
    table.append(
      ["SLOT", "STATUS", "TAKEN", "LEFT", "OF", "HELD", "SOLD"].enumerated().map {
        TextTable.Cell($1, isRight: $0 > 2)
      })
    for slot in slots {
      table.append(row(slot))
      if withPools { for pool in slot.pools { table.append(row(pool, of: slot)) } }
    }
    return table.lines(on: terminal)
  }

  static let legend = "█ sold  ▒ held  ░ free"

  static func row(_ slot: SlotAvailability) -> [TextTable.Cell] {
    let name = slot.slot.isEmpty ? "(any time)" : slot.slot
    if slot.removed { return [.init(name), .init("removed", color: .gray)] }
    let limit = slot.unlimited ? nil : slot.capacity
    return [
      .init(name),
      .init(status(slot), color: TextColor(slot.status)),
      .init(bar(limit: limit, held: slot.held, consumed: slot.consumed)),
      .init(slot.unlimited ? "∞" : "\(slot.remaining)", isRight: true),
      .init(slot.unlimited ? "∞" : "\(slot.capacity)", isRight: true),
      .init("\(slot.held)", isRight: true),
      .init("\(slot.consumed)", isRight: true),
      .init(notes(slot), color: .gray),
    ]
  }

  private static func row(_ pool: PoolBalance, of slot: SlotAvailability) -> [TextTable.Cell] {
    // A pool of another day or time says so; mostly it is the slot's own.
    let place = pool.slot == slot.slot || pool.slot.isEmpty ? "" : " \(pool.slot)"
    let limit = pool.unlimited ? nil : pool.limit
    let left = limit.map { "\($0 - pool.held - pool.consumed)" } ?? "∞"
    return [
      .init("  └ \(pool.resourceID)\(place)"), .init(""),
      .init(bar(limit: limit, held: pool.held, consumed: pool.consumed)),
      .init(left, isRight: true), .init(limit.map { "\($0)" } ?? "∞", isRight: true),
      .init("\(pool.held)", isRight: true), .init("\(pool.consumed)", isRight: true),
    ]
  }

  static func status(_ slot: SlotAvailability) -> String {
    slot.status.description.lowercased().replacing("_", with: " ")
  }

  /// What is consumed, then held, then free. Whatever is there shows by at least one part.
  static func bar(limit: Int64?, held: Int64, consumed: Int64) -> String {
    guard let limit, limit > 0 || held + consumed > 0 else {
      return String(repeating: limit == nil ? "░" : "·", count: barWidth)
    }
    let (whole, isFree) = (max(limit, held + consumed), limit > held + consumed)
    func end(_ units: Int64) -> Int { Int(Double(units) / Double(whole) * Double(barWidth)) }
    let soldMax = barWidth - (held > 0 ? 1 : 0) - (isFree ? 1 : 0)
    let sold = consumed > 0 ? min(max(end(consumed), 1), soldMax) : 0
    let keptEnd = min(max(end(consumed + held), sold + 1), barWidth - (isFree ? 1 : 0))
    let kept = held > 0 ? keptEnd - sold : 0
    return String(repeating: "█", count: sold) + String(repeating: "▒", count: kept)
      + String(repeating: "░", count: barWidth - sold - kept)
  }

  static func notes(_ slot: SlotAvailability) -> String {
    var notes: [String] = []
    if slot.status == .closed {
      let reason = slot.closedReason.description
      notes.append(slot.closureReason.isEmpty ? reason : "\(reason) (\(slot.closureReason))")
    }
    if let expiry = slot.nextHoldExpiry {
      notes.append("next hold ends \(TimestampText.format(expiry))")
    }
    if slot.priceAdjustmentBp != 0 {
      let percent = Double(slot.priceAdjustmentBp) / 100
      notes.append("price \(percent > 0 ? "+" : "")\(percent) %")
    }
    return notes.joined(separator: ", ")
  }
}

extension TimestampText {
  /// An instant of a message, in whole seconds.
  static func format(_ timestamp: ProtobufTimestamp) -> String {
    format(seconds: timestamp.seconds)
  }
}
