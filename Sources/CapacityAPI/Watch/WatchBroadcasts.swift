internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Synchronization

/// The watches that are under way: one pump and one board for all calls with equal filters, as long as there is one.
final class WatchBroadcasts: Sendable {
  /// Calls at most.
  static let readersMax = 100_000

  private struct Broadcast {
    let board: WatchBoard
    let pump: Task<Void, Never>
    var readersCount = 0
  }

  private struct State {
    var broadcasts: [WatchFilter: Broadcast] = [:]
    var readersCount = 0
  }

  private let engine: Engine
  private let calendars: CalendarCache
  private let clock: @Sendable () -> Instant
  private let progressSeconds: Double
  /// See ``ResumeToken/store``.
  let store: UInt64
  private let state = Mutex(State())

  init(
    engine: Engine, calendars: CalendarCache, clock: @escaping @Sendable () -> Instant,
    progressSeconds: Double
  ) {
    self.engine = engine
    self.calendars = calendars
    self.clock = clock
    self.progressSeconds = progressSeconds
    var mark = Fingerprint()
    // How the store spells a reservation that never is.
    mark.mix(engine.naming.id(of: 0).utf8)
    store = mark.value
  }

  /// The board for `filter`, to be left again.
  func join(_ filter: WatchFilter) throws(Refusal) -> WatchBoard {
    let board = state.withLock { state -> WatchBoard? in
      guard state.readersCount < Self.readersMax else { return nil }
      state.readersCount += 1
      if let known = state.broadcasts[filter], !known.board.hasEnded {
        state.broadcasts[filter]?.readersCount += 1
        return known.board
      }
      let board = WatchBoard(filter, store: store)
      let pump = WatchPump(
        board: board, engine: engine, calendars: calendars, clock: clock,
        progressSeconds: progressSeconds)
      state.broadcasts[filter] = Broadcast(
        board: board, pump: Task { await pump.run() }, readersCount: 1)
      return board
    }
    guard let board else { throw Refusal(.overloaded) }
    return board
  }

  /// A reader of `board` is done; the last one ends it.
  func leave(_ board: WatchBoard) {
    state.withLock { state in
      state.readersCount -= 1
      // One that has ended may have been replaced.
      guard let known = state.broadcasts[board.filter], known.board === board else { return }
      if known.readersCount == 1 {
        known.pump.cancel()
        state.broadcasts[board.filter] = nil
      } else {
        state.broadcasts[board.filter]?.readersCount -= 1
      }
    }
  }

  /// For tests: how many watches there are.
  var count: Int { state.withLock { $0.broadcasts.count } }
}
