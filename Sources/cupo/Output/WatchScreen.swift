internal import CupoSchema
internal import Protobuf

/// Shows a watch: drawn in place on a terminal, one line a change elsewhere.
struct WatchScreen {
  private struct SlotKey: Hashable {
    let product, slot: String
  }

  private let terminal: Terminal
  private let json: Bool
  private var slots: [SlotKey: SlotAvailability] = [:]
  private var isComplete = false
  private var drawnLines = 0

  init(terminal: Terminal, json: Bool) {
    self.terminal = terminal
    self.json = json
  }

  /// Shows what `message` says.
  ///
  /// - Returns: Whether somebody still looks.
  mutating func show(_ message: WatchAvailabilityResponse) -> Bool {
    if json { return Terminal.write(MessageJSON.value(message).line) }
    guard terminal.isInteractive else {
      return message.slots.allSatisfy { Terminal.write(Self.line($0)) }
    }
    for slot in message.slots {
      slots[SlotKey(product: slot.productID, slot: slot.slot)] = slot.removed ? nil : slot
    }
    if message.kind == .snapshotEnd { isComplete = true }
    guard isComplete else { return true }
    return draw(asOf: message.asOf.map { TimestampText.format($0) } ?? "")
  }

  /// One change as one line of words.
  static func line(_ slot: SlotAvailability) -> String {
    let name = slot.slot.isEmpty ? slot.productID : "\(slot.productID)@\(slot.slot)"
    if slot.removed { return "\(name) removed" }
    let status = slot.status.description
    let amounts = slot.unlimited ? "left=unlimited" : "left=\(slot.remaining) of=\(slot.capacity)"
    let notes = AvailabilityTable.notes(slot)
    return "\(name) \(status) \(amounts) held=\(slot.held) sold=\(slot.consumed)"
      + (notes.isEmpty ? "" : " (\(notes))")
  }

  private mutating func draw(asOf: String) -> Bool {
    let lines = visibleLines(asOf: asOf)
    // Up to where the last picture began; each line erases what it does not cover.
    let up = drawnLines > 0 ? "\u{1b}[\(drawnLines)A" : ""
    let text = lines.map { "\r\($0)\u{1b}[K\n" }.joined()
    drawnLines = lines.count
    return Terminal.draw(up + text + "\u{1b}[J")
  }

  private func visibleLines(asOf: String) -> [String] {
    let room = terminal.rows - 4
    let sorted = slots.values.sorted { ($0.productID, $0.slot) < ($1.productID, $1.slot) }
    let shown = sorted.prefix(room).map { slot in
      var slot = slot
      slot.slot = slot.slot.isEmpty ? slot.productID : "\(slot.productID)@\(slot.slot)"
      return slot
    }
    var footer = "as of \(asOf) · \(AvailabilityTable.legend) · control-C ends"
    if sorted.count > shown.count { footer = "\(sorted.count - shown.count) more · " + footer }
    return AvailabilityTable.lines(shown, on: terminal)
      + [TextColor.gray.paint(footer, on: terminal)]
  }
}
