import Capacity

/// Two editions of zone data: in the second one place changes its clocks a week later, and another has moved its offset.
struct ZoneData {
  static let names = ["Sim/North", "Sim/South", "UTC"]

  private let editions: [[String: ZoneTable]]
  private let zones: [[String: Zone]]

  init() {
    // 2026-10-25T01:00:00Z, when northern clocks go back, and a week later.
    let change = Int64(1_792_890_000)
    let week = Int64(7 * 86_400)
    let utc = ZoneTable(name: "UTC", offset: 0, changes: [])
    editions = [
      [
        ZoneTable(name: "Sim/North", offset: 7200, changes: [(change, 3600)]),
        ZoneTable(
          name: "Sim/South", offset: -18_000,
          changes: [(change + 86_400 + 6 * 3600, -14_400), (change + week, -18_000)]), utc,
      ],
      [
        ZoneTable(name: "Sim/North", offset: 7200, changes: [(change + week, 3600)]),
        ZoneTable(name: "Sim/South", offset: -16_200, changes: []), utc,
      ],
    ].map { tables in Dictionary(uniqueKeysWithValues: tables.map { ($0.name, $0) }) }
    zones = editions.map { $0.mapValues(\.zone) }
  }

  var all: [ZoneTable] {
    editions.flatMap { edition in ZoneData.names.compactMap { edition[$0] } }
  }

  func table(_ name: String, _ edition: Int) -> ZoneTable? { editions[edition][name] }
  func zone(_ name: String, _ edition: Int) -> Zone? { zones[edition][name] }
}
