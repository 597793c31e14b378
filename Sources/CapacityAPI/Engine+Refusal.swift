internal import Capacity
internal import CapacityEngine

extension Engine {
  /// Executes `command`; a rejection or a failure comes back as what the caller is to be told.
  func outcome(of command: Command) async throws(Refusal) -> Outcome {
    let outcome: Outcome
    do throws(EngineError) {
      outcome = try await execute(command)
    } catch {
      throw ErrorTable.refusal(for: error)
    }
    if case .rejected(let rejection) = outcome { throw ErrorTable.refusal(for: rejection) }
    return outcome
  }

  /// Executes `commands` together; only a failure, which is one of all of them, comes back as a refusal.
  func outcomes(of commands: [Command]) async throws(Refusal) -> [Outcome] {
    guard !commands.isEmpty else { return [] }
    do throws(EngineError) {
      return try await execute(commands)
    } catch {
      throw ErrorTable.refusal(for: error)
    }
  }

  /// Counts what `impact` leaves out; a failure comes back as what the caller is to be told.
  func complete(_ impact: Impact) async throws(Refusal) -> Impact {
    do throws(EngineError) {
      return try await completed(impact)
    } catch {
      throw ErrorTable.refusal(for: error)
    }
  }

  /// Reads what `query` asks for; a failure comes back as what the caller is to be told.
  func reading(of query: ReadQuery) async throws(Refusal) -> Reading {
    do throws(EngineError) {
      return try await read(query)
    } catch {
      throw ErrorTable.refusal(for: error)
    }
  }

  /// Reads pools; a failure comes back as what the caller is to be told.
  func reading(of keys: [PoolKey]) async throws(Refusal) -> Reading {
    do throws(EngineError) {
      return try await read(keys)
    } catch {
      throw ErrorTable.refusal(for: error)
    }
  }
}
