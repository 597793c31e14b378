internal import Capacity
internal import CapacityEngine
internal import Protobuf
internal import RPC
internal import Synchronization

/// An answer in wire form, with all that it rests on: the definitions of its offer, the pools that it saw, and the time until something
/// changes by itself. While all three are what they were, it is what would be worked out anew; only the instant is another.
final class KnownAnswer: Sendable {
  /// What one takes besides its bytes, about.
  private static let ownBytes = 1_024

  /// The request as it came.
  let question: [UInt8]
  private let offer: Offer
  // As it was read.
  private let asOf: Instant
  private let position: UInt64
  private let stamps: [RunStamps]
  private let until: Instant
  private let today: SameDay
  // The last revision of the catalogue that was seen to have the same offer.
  private let revision: Atomic<UInt64>
  // What comes before the instant and behind it, and the instant's tag.
  private let before: [UInt8]
  private let after: [UInt8]
  private let tag: UInt8

  init<Page: PlannedAnswer>(
    to question: [UInt8], _ page: Page, _ reading: Reading, on engine: Engine
  ) {
    let worked = page.worked(reading)
    self.question = question
    offer = page.offer
    (asOf, position) = (reading.asOf, reading.position)
    stamps = page.question.query.runs.map { engine.stamps(of: $0) }
    (until, today) = (worked.until, worked.today)
    revision = Atomic(reading.catalogue.revision)
    before = worked.response.encoded()
    after = worked.behind.encoded()
    var dated = Page.Response()
    dated.asOf = ProtobufTimestamp(seconds: 1)
    tag = dated.encoded()[0]
  }

  /// Room that it takes, about.
  var bytesCount: Int { Self.ownBytes + question.count + before.count + after.count }

  /// The answer to those who had it read.
  var first: EncodedMessage { message(at: asOf) }

  /// The answer at `moment`; nil where it may be another by now.
  func message(at moment: ReadMoment, on engine: Engine, clock: () -> Instant) -> EncodedMessage? {
    guard lasts(moment, clock), isUnchanged(on: engine) else { return nil }
    return message(at: max(asOf, moment.asOf))
  }

  /// The answer at `moment` for somebody who came when the log was at `position`, maybe while this was read.
  func message(
    at moment: ReadMoment, after position: UInt64, on engine: Engine, clock: () -> Instant
  ) -> EncodedMessage? {
    guard lasts(moment, clock), self.position >= position || isUnchanged(on: engine) else {
      return nil
    }
    return message(at: max(asOf, moment.asOf))
  }

  private func lasts(_ moment: ReadMoment, _ clock: () -> Instant) -> Bool {
    max(asOf, moment.now) < until && today.holds(clock)
  }

  private func isUnchanged(on engine: Engine) -> Bool {
    for run in stamps where !run.areUnchanged(since: position) { return false }
    if revision.load(ordering: .relaxed) == engine.revision { return true }
    // Something else was edited, mostly.
    let catalogue = engine.catalogue
    guard let present = Offer(offer.product.id, in: catalogue), offer.isSame(as: present) else {
      return false
    }
    revision.store(catalogue.revision, ordering: .relaxed)
    return true
  }

  private func message(at instant: Instant) -> EncodedMessage {
    EncodedMessage(bytesMax: before.count + after.count + 24) { bytes in
      bytes += before
      append(instant.timestamp, to: &bytes)
      bytes += after
    }
  }

  // google/protobuf/timestamp.proto: seconds are field 1, nanos 2; what is zero is left out.
  private func append(_ timestamp: ProtobufTimestamp, to bytes: inout [UInt8]) {
    bytes.append(tag)
    let start = bytes.count
    bytes.append(0)
    if timestamp.seconds != 0 {
      bytes.append(0x08)
      Wire.appendVarint(UInt64(bitPattern: timestamp.seconds), to: &bytes)
    }
    if timestamp.nanos != 0 {
      bytes.append(0x10)
      Wire.appendVarint(UInt64(bitPattern: Int64(timestamp.nanos)), to: &bytes)
    }
    bytes[start] = UInt8(bytes.count - start - 1)
  }
}
