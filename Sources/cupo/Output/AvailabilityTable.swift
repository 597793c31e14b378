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
      if withPools { for pool in slot.pools { table.append(row(pool)) } }
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

  private static func row(_ pool: PoolBalance) -> [TextTable.Cell] {
    let limit = pool.unlimited ? nil : pool.limit
    let left = limit.map { "\($0 - pool.held - pool.consumed)" } ?? "∞"
    return [
      .init("  └ \(pool.resourceID)"), .init(pool.slot),
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
    let whole = Double(max(limit, held + consumed))
    func parts(_ units: Int64) -> Int {
      units <= 0 ? 0 : max(1, Int(Double(units) / whole * Double(barWidth)))
    }
    let sold = min(parts(consumed), barWidth)
    let kept = min(parts(held), barWidth - sold)
    var free = barWidth - sold - kept
    // Full is only what is full, and something free shows.
    let isFull = held + consumed >= limit
    var lack = 0
    if isFull { (lack, free) = (free, 0) } else if free == 0 { (lack, free) = (-1, 1) }
    let (longSold, longKept) = kept > 0 ? (sold, kept + lack) : (sold + lack, kept)
    return String(repeating: "█", count: max(0, longSold))
      + String(repeating: "▒", count: max(0, longKept)) + String(repeating: "░", count: free)
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
