internal import Capacity
internal import CapacityEngine
internal import CupoSchema

// What handlers ask of the engine. A rejection or a failure comes back as what the caller is to be told; what a caller does not wait
// for any more is not done.
extension Engine {
  /// Executes `command`; the caller's note is what the audit log is to say, should it change something.
  func outcome(of command: Command, for caller: Caller) async throws(Refusal) -> Outcome {
    let result: Result<Outcome, EngineError>
    do throws(EngineError) {
      result = .success(try await execute(command, note: caller.note, until: caller.deadline))
    } catch {
      result = .failure(error)
    }
    return try outcome(of: result)
  }

  /// The outcome of a command, unless it was rejected or there is none.
  func outcome(of result: Result<Outcome, EngineError>) throws(Refusal) -> Outcome {
    switch result {
    case .failure(let error): throw refusal(for: error)
    case .success(.rejected(let rejection)): throw ErrorTable.refusal(for: rejection)
    case .success(let outcome): return outcome
    }
  }

  /// Executes `commands` together; only a failure, which is one of all of them, comes back as a refusal.
  func outcomes(of commands: [Command], for caller: Caller) async throws(Refusal) -> [Outcome] {
    guard !commands.isEmpty else { return [] }
    do throws(EngineError) {
      return try await execute(commands, note: caller.note, until: caller.deadline)
    } catch {
      throw refusal(for: error)
    }
  }

  /// Counts what `impact` leaves out; what it is of is done, so the caller's patience is of no matter.
  func complete(_ impact: Capacity.Impact) async throws(Refusal) -> Capacity.Impact {
    do throws(EngineError) {
      return try await completed(impact)
    } catch {
      throw refusal(for: error)
    }
  }

  /// Reads what `query` asks for.
  func reading(of query: ReadQuery, for caller: Caller) async throws(Refusal) -> Reading {
    do throws(EngineError) {
      return try await read(query, until: caller.deadline)
    } catch {
      throw refusal(for: error)
    }
  }

  /// What was read, unless it could not be.
  func reading(of result: Result<Reading, EngineError>) throws(Refusal) -> Reading {
    switch result {
    case .failure(let error): throw refusal(for: error)
    case .success(let reading): return reading
    }
  }

  /// The reservation with this number.
  func reservation(
    _ number: UInt64, for caller: Caller
  ) async throws(Refusal) -> Capacity.Reservation? {
    do throws(EngineError) {
      return try await reservation(number, until: caller.deadline)
    } catch {
      throw refusal(for: error)
    }
  }

  /// A part of a list of reservations.
  func reservations(
    _ query: ReservationQuery, for caller: Caller
  ) async throws(Refusal) -> ReservationPage {
    do throws(EngineError) {
      return try await reservations(query, until: caller.deadline)
    } catch {
      throw refusal(for: error)
    }
  }

  private func refusal(for error: EngineError) -> Refusal {
    error == .overloaded ? overloaded : ErrorTable.refusal(for: error)
  }

  /// That the wait would be too long, and when it should be shorter.
  var overloaded: Refusal {
    var refusal = Refusal(.overloaded)
    refusal.retryMilliseconds = Patience.milliseconds(afterWait: expectedWait)
    return refusal
  }
}
