internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf
internal import RPC

/// One WatchAvailability call: a snapshot, then deltas as they commit and as time passes.
///
/// It subscribes before it reads, so nothing falls between snapshot and deltas. What changed is kept as a set, never as
/// a queue: while the reader is slow the set grows to the number of pools and no further, and it gets the latest value.
struct AvailabilityWatch: Sendable {
  /// Slots in one message at most.
  private static let slotsPerMessage = 500
  /// An idle watch says that it lives this often.
  private static let progressSeconds = 15.0

  let engine: Engine
  let calendars: CalendarCache
  let request: WatchAvailabilityRequest
  let clock: @Sendable () -> Instant
  let writer: ResponseWriter<WatchAvailabilityResponse>

  func run() async throws(StreamEnd) {
    let token = try resumeToken()
    var slots = try planned(engine.catalogue, token?.asOf ?? clock())
    let subscription = try subscribe(after: token?.position)
    defer { subscription.cancel() }
    if let token {
      try await resume(&slots, token, subscription)
    } else {
      try await sendSnapshot(&slots)
    }
    try await follow(&slots, subscription)
  }

  // MARK: The parts

  private func sendSnapshot(_ slots: inout WatchedSlots) async throws(StreamEnd) {
    // The position of the first part: what changes while the parts are sent comes again as a delta.
    let reading = try await send(slots.names, of: &slots, .snapshot)
    try await sendMark(.snapshotEnd, reading)
  }

  // What a watcher was told of slots that have gone since is not known any more, so it cannot be told that they are
  // gone: after a change of what it watches, or another day, it needs a new snapshot.
  private func resume(
    _ slots: inout WatchedSlots, _ token: ResumeToken, _ subscription: ChangeSubscription
  ) async throws(StreamEnd) {
    slots.assumeTold(upTo: token.asOf)
    guard let missed = await subscription.next(waitingAtMost: 0) else { return }
    guard !isOutdated(slots, missed, clock()) else {
      throw .refused(Refusal(.resumeTokenCompacted))
    }
    try await tell(missed, of: &slots, clock())
  }

  private func follow(
    _ slots: inout WatchedSlots, _ subscription: ChangeSubscription
  ) async throws(StreamEnd) {
    while let changes = await subscription.next(waitingAtMost: patience(slots)) {
      let now = clock()
      if isOutdated(slots, changes, now) {
        try await replan(&slots, now)
      } else {
        try await tell(changes, of: &slots, now)
      }
    }
    if Task.isCancelled { return }
    throw .refused(Refusal(.shuttingDown))
  }

  private func isOutdated(_ slots: WatchedSlots, _ changes: Changes, _ now: Instant) -> Bool {
    slots.isConcerned(by: changes, in: engine.catalogue)
      || slots.rollsOver.map { $0 <= now } ?? false
  }

  private func tell(
    _ changes: Changes, of slots: inout WatchedSlots, _ now: Instant
  ) async throws(StreamEnd) {
    let names = Set(slots.names(concernedBy: changes.pools)).union(slots.names(dueAt: now))
    let ordered = slots.names.filter(names.contains)
    let reading = try await send(ordered, of: &slots, .delta)
    if names.isEmpty { try await sendMark(.progress, reading) }
  }

  // The catalogue changed, or the day: everything is planned anew, and what differs is sent.
  private func replan(_ slots: inout WatchedSlots, _ now: Instant) async throws(StreamEnd) {
    var next = try planned(engine.catalogue, now)
    let removed = next.replace(slots)
    slots = next
    let reading = try await send(slots.names, of: &slots, .delta)
    for start in stride(from: 0, to: removed.count, by: Self.slotsPerMessage) {
      let part = removed[start..<min(start + Self.slotsPerMessage, removed.count)]
      try await send(.delta, Array(part), reading)
    }
  }

  // Reads and sends in parts. Answers the first reading: the position that everything sent is at least as new as.
  private func send(
    _ names: [WatchedSlots.Name], of slots: inout WatchedSlots,
    _ kind: WatchAvailabilityResponse.Kind
  ) async throws(StreamEnd) -> Reading {
    var first: Reading?
    var start = 0
    repeat {
      let part = Array(names[start..<min(start + Self.slotsPerMessage, names.count)])
      let reading = try await read(slots.pools(of: part))
      let updates = slots.updates(of: part, reading.views, at: reading.asOf)
      if !updates.isEmpty { try await send(kind, updates, first ?? reading) }
      first = first ?? reading
      start += Self.slotsPerMessage
      guard start < names.count else { return first ?? reading }
    } while true
  }

  private func send(
    _ kind: WatchAvailabilityResponse.Kind, _ slots: [SlotAvailability], _ reading: Reading
  ) async throws(StreamEnd) {
    var response = WatchAvailabilityResponse()
    response.kind = kind
    response.slots = slots
    // Within a snapshot there is nothing to resume from yet.
    if kind != .snapshot {
      response.resumeToken =
        ResumeToken(position: reading.position, asOf: reading.asOf).bytes(for: request)
    }
    response.asOf = reading.asOf.timestamp
    do throws(RPCError) {
      try await writer.send(response)
    } catch {
      throw .transport(error)
    }
  }

  private func sendMark(
    _ kind: WatchAvailabilityResponse.Kind, _ reading: Reading
  ) async throws(StreamEnd) {
    try await send(kind, [], reading)
  }

  // MARK: What it needs of others

  private func planned(_ catalogue: Catalogue, _ now: Instant) throws(StreamEnd) -> WatchedSlots {
    do throws(Refusal) {
      return try WatchedSlots(request, in: catalogue, calendars, at: now)
    } catch {
      throw .refused(error)
    }
  }

  private func resumeToken() throws(StreamEnd) -> ResumeToken? {
    guard !request.resumeToken.isEmpty else { return nil }
    guard let token = ResumeToken(request.resumeToken, for: request) else {
      throw .refused(Refusal(.resumeTokenInvalid))
    }
    return token
  }

  private func subscribe(after position: UInt64?) throws(StreamEnd) -> ChangeSubscription {
    do throws(EngineError) {
      // Of all resources: a catalogue change can bring new ones into the watch.
      if let subscription = try engine.subscribe(to: nil, after: position) { return subscription }
    } catch {
      throw .refused(ErrorTable.refusal(for: error))
    }
    throw .refused(Refusal(.resumeTokenCompacted))
  }

  private func read(_ pools: [PoolKey]) async throws(StreamEnd) -> Reading {
    do throws(Refusal) {
      return try await engine.reading(of: pools)
    } catch {
      throw .refused(error)
    }
  }

  private func patience(_ slots: WatchedSlots) -> Double {
    guard let boundary = slots.nextBoundary else { return Self.progressSeconds }
    let seconds = Double(boundary.microseconds - clock().microseconds) / 1_000_000
    return min(Self.progressSeconds, max(0.001, seconds))
  }
}
