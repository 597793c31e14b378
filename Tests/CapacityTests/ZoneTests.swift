import Foundation
import SeededRandom
import TemporaryFolders
import Testing

@testable import Capacity

/// Zones from the system's files against Python's reading of the same files, and against damage.
struct ZoneTests {
  static let names = [
    "Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Bogota",
    "Asia/Kolkata", "Asia/Kathmandu", "Africa/Casablanca", "Africa/Cairo", "America/Nuuk",
    "America/Havana", "America/Santiago", "Pacific/Chatham", "Pacific/Kiritimati", "Asia/Tehran",
    "Antarctica/Troll", "Europe/Dublin", "Europe/London", "Asia/Gaza", "America/St_Johns", "UTC",
    "America/Sao_Paulo", "Asia/Tokyo", "Asia/Beirut",
  ]

  @Test func offsetsAreThoseThatPythonReads() throws {

    var random = SplitMix(seed: Seed.value)
    let last = Int64(CivilDate.last.day) * 86_400
    let questions = ZoneTests.names.flatMap { name in
      (0..<60).map { _ in (name: name, second: Int64.random(in: 0..<last, using: &random)) }
    }
    let answers = try pythonOffsets(questions)
    #expect(answers.count == questions.count)
    for (question, expected) in zip(questions, answers) {
      let zone = try Zones.read(question.name)
      let offset = zone.offset(atSecond: question.second)
      #expect(offset == expected, "\(question) seed \(Seed.value)")
    }
  }

  @Test func everyZoneOfTheSystemIsUnderstood() throws {
    for name in TimeZone.knownTimeZoneIdentifiers where Zones.exists(name) {
      _ = try Zones.read(name)
    }
  }

  @Test(arguments: [
    // zone, local time, the UTC instant at which the clock first shows it or what follows the gap
    ("Europe/Madrid", "2026-03-29T02:30:00", "2026-03-29T01:00:00"),  // gap
    ("Europe/Madrid", "2026-03-29T01:59:00", "2026-03-29T00:59:00"),
    ("Europe/Madrid", "2026-03-29T03:00:00", "2026-03-29T01:00:00"),
    ("Europe/Madrid", "2026-10-25T02:30:00", "2026-10-25T00:30:00"),  // the first of two
    ("Europe/Madrid", "2026-10-25T03:00:00", "2026-10-25T02:00:00"),
    ("America/New_York", "2026-03-08T02:15:00", "2026-03-08T07:00:00"),  // gap
    ("America/New_York", "2026-11-01T01:15:00", "2026-11-01T05:15:00"),  // the first of two
    ("Australia/Lord_Howe", "2026-10-04T02:10:00", "2026-10-03T15:30:00"),  // gap of 30 minutes
    ("Australia/Lord_Howe", "2026-04-05T01:40:00", "2026-04-04T14:40:00"),  // the first of two
    ("Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T10:00:00"),  // a day that never was
    ("America/Santiago", "2026-09-06T00:00:00", "2026-09-06T04:00:00"),  // no midnight
  ])
  func localTimes(_ name: String, _ local: String, _ expected: String) throws {
    let second = try Zones.read(name).second(ofLocal: instant(local).seconds)
    #expect(Instant(seconds: second) == instant(expected))
  }

  @Test func apiaSkipsADay() throws {
    let zone = try Zones.read("Pacific/Apia")
    #expect(!zone.has(date("2011-12-30")))
    #expect(zone.has(date("2011-12-29")) && zone.has(date("2011-12-31")))
  }

  @Test(arguments: ["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"])
  func localDaysAreContiguous(_ name: String) throws {
    let zone = try Zones.read(name)
    let odd = (Int32(0)..<84_000).filter { day in
      let date = CivilDate(day: day)
      let start = zone.start(of: date)
      let length = zone.start(of: date.advanced(by: 1)) - start
      if length == 0 { return zone.has(date) }
      return !(22 * 3600...26 * 3600).contains(length) || zone.date(atSecond: start) != date
    }
    #expect(odd.isEmpty)
  }

  @Test(arguments: ["Europe/Madrid", "Australia/Lord_Howe"])
  func damageIsAnErrorNeverACrash(_ name: String) throws {
    let bytes = try Zones.bytes(name)
    for length in bytes.indices {
      _ = try? ZoneFile.zone(named: name, from: Array(bytes[..<length]))
    }
    var random = SplitMix(seed: Seed.value)
    for _ in 0..<2000 {
      var damaged = bytes
      for _ in 0..<3 {
        damaged[Int.random(in: damaged.indices, using: &random)] = .random(
          in: 0...255, using: &random)
      }
      // Whatever it is read as, it can be asked.
      guard let zone = try? ZoneFile.zone(named: name, from: damaged) else { continue }
      _ = zone.offset(atSecond: 1_800_000_000)
      _ = zone.second(ofLocal: 1_800_000_000)
      _ = zone.date(atSecond: 1_800_000_000)
    }
  }

  /// Nothing is counted that 64 bits cannot: that would be a crash.
  @Test(arguments: [Instant.distantPast, .distantFuture])
  func theEndsOfTimeHaveADate(_ end: Instant) {
    #expect(!Zone.utc.instants(around: end).isEmpty)
  }

  /// The date is the same at all of these instants, and they end where it is another or the clock changes.
  @Test(arguments: names)
  func instantsOfOneDate(_ name: String) throws {
    let zone = try Zones.read(name)
    let changes = zone.history.dropFirst().map(\.at)
    var random = SplitMix(seed: Seed.value)
    let last = Int64(CivilDate.last.day) * 86_400
    let near = changes.filter { (0..<last).contains($0) }.flatMap { at in
      [at - 1, at, at + 1].map { Instant(seconds: $0) }
    }
    let some = (0..<200).map { _ in
      Instant(microseconds: Int64.random(in: 0..<last * 1_000_000, using: &random))
    }
    for instant in near + some {
      let range = zone.instants(around: instant)
      let date = zone.date(at: instant)
      let tick = Interval(microseconds: 1)
      #expect(range.contains(instant), "\(instant) CUPO_SEED=\(Seed.value)")
      for inside in [range.lowerBound, range.upperBound - tick] {
        #expect(zone.date(at: inside) == date, "\(instant) CUPO_SEED=\(Seed.value)")
      }
      #expect(
        zone.date(at: range.upperBound) != date || changes.contains(range.upperBound.seconds),
        "\(instant) CUPO_SEED=\(Seed.value)")
      // All days but those of a change are whole.
      if range.upperBound - Interval(seconds: 86_400) != range.lowerBound {
        let borders = [range.lowerBound.seconds, range.upperBound.seconds]
        #expect(!changes.allSatisfy { !borders.contains($0) })
      }
    }
  }

  @Test func datesRoundTrip() {
    let lost = (CivilDate.first.day...CivilDate.last.day).filter { day in
      CivilDate(CivilDate(day: day).description)?.day != day
    }
    #expect(lost.isEmpty)
    #expect(CivilDate.last.description == "2199-12-31")
    for text in [
      "2026-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "1969-12-31", "2200-01-01",
      "2026-01-01 ", "", "2026-01-32", "+026-01-01", "２026-01-01",
    ] {
      #expect(CivilDate(text) == nil, "\(text)")
    }
    #expect(CivilDate("2028-02-29") != nil)
    #expect(date("2026-12-24").weekday == .thursday)
  }

  private func pythonOffsets(_ questions: [(name: String, second: Int64)]) throws -> [Int32] {
    let script = """
      import sys, zoneinfo, datetime
      for line in sys.stdin:
          name, second = line.split()
          utc = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
          utc += datetime.timedelta(seconds=int(second))
          print(int(utc.astimezone(zoneinfo.ZoneInfo(name)).utcoffset().total_seconds()))
      """
    let folder = try TemporaryFolder([
      "questions": questions.map { "\($0.name) \($0.second)\n" }.joined()
    ])
    defer { folder.remove() }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = ["-c", script]
    process.standardInput = FileHandle(forReadingAtPath: folder.path(of: "questions"))
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).split(separator: "\n").compactMap { Int32($0) }
  }
}

/// The system's zone files.
enum Zones {
  static func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/\(name)")
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/\(name)")))
  }

  static func read(_ name: String) throws -> Zone {
    try ZoneFile.zone(named: name, from: try bytes(name))
  }
}
