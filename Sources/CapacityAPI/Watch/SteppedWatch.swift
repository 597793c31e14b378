package import CapacityEngine
internal import CupoSchema
internal import RPC
internal import Synchronization

/// A watch without a task, a timer or a caller: whoever has it says when it looks, and reads what there is to tell.
///
/// For simulation, not for serving. The one thing to know: pump, board and image are those that calls are served from.
package final class SteppedWatch: Sendable {
  /// What a reader is told next.
  package enum News: Sendable {
    /// A `WatchAvailabilityResponse`, encoded.
    case message([UInt8])
    case upToDate
    /// Only a new snapshot helps.
    case compacted
  }

  /// One who reads the watch.
  package struct Reader: Sendable {
    var position: WatchPosition
    var heard: UInt64 = 0
  }

  private let engine: Engine
  private let calendars = CalendarCache()
  private let board: WatchBoard
  private let pump: WatchPump
  private let work = Mutex<WatchPump.Work?>(nil)

  /// - Parameter toDate: the last date, as in the request; the first moves on with time.
  package init(productIDs: [String], toDate: String, engine: Engine) {
    var request = WatchAvailabilityRequest()
    request.productIDs = productIDs
    request.toDate = toDate
    self.engine = engine
    board = WatchBoard(WatchFilter(request, sellerIDs: []), store: 0)
    pump = WatchPump(
      board: board, engine: engine, calendars: calendars, clock: { [engine] in engine.now() },
      progressSeconds: 3600)
  }

  deinit { work.withLock { $0?.subscription.cancel() } }

  /// Looks at everything for the first time.
  /// - Returns: false where there is nothing to watch.
  package func begin() async -> Bool {
    do throws(Refusal) {
      let begun = try await pump.begin(try pump.subscribe())
      work.withLock { $0 = begun }
      return true
    } catch {
      return false
    }
  }

  /// Looks at what has changed since the last time.
  /// - Returns: false where the watch has ended.
  package func look() async -> Bool {
    guard var present = work.withLock({ $0 }) else { return false }
    board.beginLook()
    do throws(Refusal) {
      _ = try await pump.look(present.subscription.take(), &present)
      let next = present
      work.withLock { $0 = next }
      return true
    } catch {
      return false
    }
  }

  /// A reader that knows nothing yet, or that comes back with `token`, right after a look.
  /// - Returns: nil where the token is too old.
  package func reader(token: [UInt8]) async -> Reader? {
    guard let standing = board.present else { return nil }
    guard !token.isEmpty else { return Reader(position: .snapshot(standing.goal)) }
    guard let known = ResumeToken(token, for: board.filter), known.position <= engine.position
    else { return nil }
    if let version = board.version(at: known) {
      let isAll = version == standing.goal.version
      return Reader(
        position: isAll
          ? .missed(WatchPosition.Missed(), token: token, standing.goal)
          : .known(version, token: token))
    }
    let resumption = WatchResumption(engine: engine, calendars: calendars, token: known)
    do throws(Refusal) {
      let missed = try await resumption.missed(standing)
      return Reader(position: .missed(missed, token: token, standing.goal))
    } catch {
      return nil
    }
  }

  /// What `reader` is told next; it moves on by that.
  package func next(_ reader: inout Reader) -> News {
    do throws(Refusal) {
      return try board.message(&reader.position, &reader.heard).map { .message($0.bytes) }
        ?? .upToDate
    } catch {
      return .compacted
    }
  }
}
