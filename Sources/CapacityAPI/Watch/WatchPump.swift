internal import Capacity
internal import CapacityEngine
internal import CupoSchema

/// Keeps one watch's board up to date: looks at the pools that changed and at the slots whose time has come, once for all
/// readers.
///
/// It subscribes before it reads, so nothing falls between. What changes while it looks, or while it rests, piles up as a set:
/// the next look finds the latest of each.
struct WatchPump {
  /// Slots whose pools are read together.
  private static let slotsPerReading = 500
  /// Where so many listen, it lets a part of them hear of what it found before it looks again, and waits `restMax` at most.
  private static let crowd = 50
  /// Looks while all of them are told once.
  private static let looksInTurn = 4
  private static let restMin = Duration.milliseconds(2)
  private static let restMax = Duration.milliseconds(25)
  private static let glance = Duration.milliseconds(1)

  let board: WatchBoard
  let engine: Engine
  let calendars: CalendarCache
  let clock: @Sendable () -> Instant
  /// An idle watch says that it lives this often.
  let progressSeconds: Double

  /// What it works with; never leaves its task.
  struct Work {
    let subscription: ChangeSubscription
    var plan: WatchPlan
    var schedule: WatchSchedule
    // The last catalogue that the plan was compared with.
    var catalogueRevision: UInt64
    var lastTold = ContinuousClock.now
    // The latest instant that was read. Decisions never go back behind it, though the clock may.
    var latest: Instant
    /// How long it took the last time until nearly all had heard.
    var rested = Duration.zero
  }

  /// Runs until the task is cancelled, or nothing more can be told.
  func run() async {
    do throws(Refusal) {
      let subscription = try subscribe()
      defer { subscription.cancel() }
      board.attach(subscription)
      var work = try await begin(subscription)
      try await follow(&work)
      if !Task.isCancelled { board.end(Refusal(.shuttingDown)) }
    } catch {
      board.end(error)
    }
  }

  func begin(_ subscription: ChangeSubscription) async throws(Refusal) -> Work {
    let latest = try await reading(of: ReadQuery(pools: [])).asOf
    let (plan, revision) = try await plan(at: max(clock(), latest), mayBeOver: false)
    var work = Work(
      subscription: subscription, plan: plan, schedule: WatchSchedule(count: 0),
      catalogueRevision: revision, latest: latest)
    _ = try await showAll(&work)
    return work
  }

  private func follow(_ work: inout Work) async throws(Refusal) {
    while await work.subscription.wait(atMost: patience(&work)) {
      board.beginLook()
      if try await look(work.subscription.take(), &work) {
        work.lastTold = .now
        await rest(&work)
      } else if ContinuousClock.now - work.lastTold >= .seconds(progressSeconds) {
        work.lastTold = .now
        board.tick()
      }
    }
  }

  // While many are told what was found, more piles up. They are told in turn, each what is newest when its turn comes: who looks
  // whenever a part of them has heard has everybody hear of a change within about one turn of all, not two. It looks first
  // when that part should be through: each look wakes threads that the readers' loop could use.
  private func rest(_ work: inout Work) async {
    guard board.audience.count >= Self.crowd else { return }
    let start = ContinuousClock.now
    var pause = max(Self.restMin, work.rested * 3 / 4)
    while ContinuousClock.now - start < Self.restMax {
      // Cancelled: the next wait says so.
      guard (try? await Task.sleep(for: min(pause, Self.restMax))) != nil else { return }
      let audience = board.audience
      if audience.told * Self.looksInTurn >= audience.count { break }
      pause = Self.glance
    }
    work.rested = min(Self.restMax, ContinuousClock.now - start)
  }

  private func patience(_ work: inout Work) -> Double {
    let idle = progressSeconds - (ContinuousClock.now - work.lastTold) / .seconds(1)
    let boundary = [work.schedule.next, work.plan.today.ends].compactMap { $0 }.min()
    guard let boundary else { return max(0.001, idle) }
    let seconds = Double(boundary.microseconds - clock().microseconds) / 1_000_000
    return max(0.001, min(idle, seconds))
  }

  // MARK: Looking

  // Answers whether readers have to be told something.
  func look(
    _ notice: ChangeSubscription.Notice, _ work: inout Work
  ) async throws(Refusal) -> Bool {
    let now = now(work)
    let changes = notice.changes
    var isOutdated = changes.everything || work.plan.today.isOver(at: now)
    if !isOutdated, changes.concernsCatalogue {
      isOutdated = try !work.plan.isCurrent(in: engine.catalogue)
    }
    if isOutdated { return try await showAnew(&work) }
    let indices = Set(work.plan.indices(concernedBy: changes.pools))
      .union(work.schedule.due(at: now)).sorted()
    guard let found = try await read(indices, &work) else { return try await showAnew(&work) }
    return board.show(found.updates, found.look(notice, now))
  }

  // The definitions changed, or the day: everything is planned anew, and what differs is told.
  private func showAnew(_ work: inout Work) async throws(Refusal) -> Bool {
    (work.plan, work.catalogueRevision) = try await plan(at: now(work), mayBeOver: true)
    return try await showAll(&work)
  }

  private func showAll(_ work: inout Work) async throws(Refusal) -> Bool {
    while true {
      board.beginLook()
      work.subscription.follow(work.plan.interest)
      // Everything is read after this, so what has changed up to here needs no further look.
      let notice = work.subscription.take()
      work.schedule = WatchSchedule(count: work.plan.slots.count)
      if let found = try await read(Array(work.plan.slots.indices), &work) {
        let entries = found.updates.map { index, bytes in
          WatchImage.Entry(work.plan.names[index], slot: work.plan.slots[index].id, bytes)
        }
        // Not later than the plan: its day may be over by now.
        return board.show(work.plan, entries, found.look(notice, work.plan.madeAt))
      }
      (work.plan, work.catalogueRevision) = try await plan(at: now(work), mayBeOver: true)
    }
  }

  private func now(_ work: Work) -> Instant { max(clock(), work.latest) }

  // MARK: Planning

  // The plan, and the revision of its catalogue. Slots that no schedule makes any more but that are booked belong to it.
  private func plan(
    at now: Instant, mayBeOver: Bool
  ) async throws(Refusal) -> (WatchPlan, UInt64) {
    let catalogue = engine.catalogue
    let scheduled = try WatchPlan(
      board.filter, in: catalogue, calendars, at: now, mayBeOver: mayBeOver)
    let withdrawn = try await withdrawn(scheduled)
    guard !withdrawn.isEmpty else { return (scheduled, catalogue.revision) }
    let plan = try WatchPlan(
      board.filter, in: catalogue, calendars, at: now, withdrawn: withdrawn, mayBeOver: mayBeOver)
    return (plan, catalogue.revision)
  }

  private func withdrawn(_ plan: WatchPlan) async throws(Refusal) -> [String: [Int64]] {
    var found: [String: [Int64]] = [:]
    for (productID, range) in plan.ranges {
      let there = try await reading(of: ReadQuery(pools: [], range: range)).ordinals
      let pools = there.map { PoolKey(resourceID: range.resourceID, ordinal: $0) }
        .filter { !plan.hasSlot(of: productID, $0.ordinal) }
      guard !pools.isEmpty else { continue }
      let views = try await reading(of: ReadQuery(pools: pools)).views
      let booked = pools.filter { key in
        views[key].map { $0.pool.held + $0.pool.consumed > 0 } == true
      }
      if !booked.isEmpty { found[productID] = booked.map(\.ordinal) }
    }
    return found
  }

  // MARK: Reading

  private struct Found {
    var updates: [(index: Int, bytes: [UInt8])] = []
    /// Of the first reading: all of it is at least as new.
    var asOf: Instant?
    var isAhead: Bool?

    func look(_ notice: ChangeSubscription.Notice, _ now: Instant) -> WatchBoard.Look {
      // While the store fails memory is read as it was: what time has done since is still to be told.
      WatchBoard.Look(
        position: notice.position, asOf: min(now, asOf ?? now), toldAsOf: asOf ?? now,
        isAhead: isAhead)
    }
  }

  // What `indices` are now. Nil where the plan is another by now: the definitions are, or a slot that only its bookings had
  // kept there is gone.
  private func read(_ indices: [Int], _ work: inout Work) async throws(Refusal) -> Found? {
    var found = Found()
    found.updates.reserveCapacity(indices.count)
    for start in stride(from: 0, to: indices.count, by: Self.slotsPerReading) {
      let part = indices[start..<min(start + Self.slotsPerReading, indices.count)]
      let reading = try await reading(of: ReadQuery(pools: work.plan.pools(of: part)))
      if reading.catalogue.revision != work.catalogueRevision {
        guard try work.plan.isCurrent(in: reading.catalogue) else { return nil }
        work.catalogueRevision = reading.catalogue.revision
      }
      for index in part {
        let slot = work.plan.slots[index]
        let views = slot.views(reading.views)
        guard !slot.isGone(views) else { return nil }
        let message = slot.message(views, at: reading.asOf, quantity: 0, withPools: false)
        found.updates.append((index, WatchMessage.slot(message)))
        work.schedule.set(slot.nextChange(views, after: reading.asOf), of: index)
      }
      found.asOf = found.asOf ?? reading.asOf
      work.latest = max(work.latest, reading.asOf)
      found.isAhead = found.isAhead == true || reading.isAhead
    }
    return found
  }

  private func reading(of query: ReadQuery) async throws(Refusal) -> Reading {
    while true {
      do throws(EngineError) {
        return try await engine.read(query)
      } catch {
        guard error == .overloaded, !Task.isCancelled else { throw ErrorTable.refusal(for: error) }
        // Watchers wait rather than all come back at once.
        try? await Task.sleep(for: .milliseconds(50))
      }
    }
  }

  func subscribe() throws(Refusal) -> ChangeSubscription {
    do throws(EngineError) {
      return try engine.subscribe()
    } catch {
      throw ErrorTable.refusal(for: error)
    }
  }
}
