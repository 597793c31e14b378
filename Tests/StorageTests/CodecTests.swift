import Capacity
import SeededRandom
import Testing

@testable import CapacityEngine

/// The stored form of reservations and events.
@Suite("The record codec")
struct CodecTests {
  private static let seed = Seed.value

  @Test func everyReservationComesBack() throws {
    var random = SplitMix(seed: Self.seed)
    for _ in 0..<500 {
      let reservation = Generated.reservation(&random)
      var bytes: [UInt8] = []
      RecordCodec.encode(reservation, into: &bytes)
      #expect(try RecordCodec.decodeReservation(bytes) == reservation, "CUPO_SEED=\(Self.seed)")
    }
  }

  @Test func everyEventComesBack() throws {
    var random = SplitMix(seed: Self.seed)
    for kind in Event.Kind.allCases {
      for _ in 0..<40 {
        let event = Generated.event(kind, &random)
        var bytes: [UInt8] = []
        try RecordCodec.encode(event, into: &bytes)
        #expect(try RecordCodec.decodeEvent(bytes) == event, "CUPO_SEED=\(Self.seed)")
      }
    }
  }

  @Test func anEventIsTheSameWhoeverEncodedItsReservation() throws {
    var random = SplitMix(seed: Self.seed)
    for _ in 0..<200 {
      let reservation = Generated.reservation(&random)
      var event = Generated.event(.reservationHeld, &random)
      event.subject = .reservation(reservation)
      var (body, alone, having): ([UInt8], [UInt8], [UInt8]) = ([], [], [])
      RecordCodec.encode(reservation, into: &body)
      try RecordCodec.encode(event, into: &alone)
      try RecordCodec.encode(event, having: body[...], into: &having)
      #expect(alone == having, "CUPO_SEED=\(Self.seed)")
    }
  }

  @Test func everyTruncationIsNoticed() throws {
    var bytes: [UInt8] = []
    RecordCodec.encode(Samples.reservation(7), into: &bytes)
    for end in bytes.indices {
      #expect(throws: StorageError.self) {
        try RecordCodec.decodeReservation(Array(bytes[..<end]))
      }
    }
    bytes.append(0)
    #expect(throws: StorageError.self) { try RecordCodec.decodeReservation(bytes) }
  }

  @Test func anyBytesAreSurvived() throws {
    var random = SplitMix(seed: Self.seed)
    var base: [UInt8] = []
    try RecordCodec.encode(Samples.event(3), into: &base)
    for _ in 0..<5_000 {
      var bytes = base
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      do {
        _ = try RecordCodec.decodeEvent(bytes)
      } catch {
        #expect(error.kind == .corrupt, "CUPO_SEED=\(Self.seed)")
      }
    }
  }

  @Test func anotherVersionIsSaidSo() throws {
    var bytes: [UInt8] = []
    RecordCodec.encode(Samples.reservation(7), into: &bytes)
    bytes[0] = 99
    do {
      _ = try RecordCodec.decodeReservation(bytes)
      Issue.record("version 99 was understood")
    } catch {
      #expect(error.kind == .corrupt)
    }
  }
}
