internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf
internal import RPC

/// One WatchAvailability call: a reader of a board, and the way of what it is told to the caller.
struct AvailabilityWatch: Sendable {
  let broadcasts: WatchBroadcasts
  let engine: Engine
  let calendars: CalendarCache
  let request: WatchAvailabilityRequest
  let filter: WatchFilter
  let writer: ResponseWriter<WatchAvailabilityResponse>

  func run(_ caller: Caller) async throws(StreamEnd) {
    let token = try refusing { () throws(Refusal) in try resumeToken(filter) }
    let board = try refusing { () throws(Refusal) in try broadcasts.join(filter) }
    defer { broadcasts.leave(board) }
    guard let position = try await begin(board, token) else { return }
    if caller.acceptsGzip { caller.reply.announceGzip() }
    let line = WatchReader.Line(loop: writer.loop) { [writer, takesGzip = caller.acceptsGzip] in
      writer.sendNow($0, takesGzip: takesGzip)
    }
    var reader = WatchReader(position: position, line: line)
    while let message = try await next(board, &reader) {
      do throws(RPCError) {
        try await writer.send(message, takesGzip: caller.acceptsGzip)
      } catch {
        throw .transport(error)
      }
    }
  }

  // Nil: the call is gone.
  private func begin(
    _ board: WatchBoard, _ token: ResumeToken?
  ) async throws(StreamEnd) -> WatchPosition? {
    do throws(Refusal) {
      guard let standing = try await board.standing() else { return nil }
      guard let token else { return .snapshot(standing.goal) }
      return try await resume(board, token, standing)
    } catch {
      throw .refused(error)
    }
  }

  private func resume(
    _ board: WatchBoard, _ token: ResumeToken, _ standing: WatchBoard.Standing
  ) async throws(Refusal) -> WatchPosition {
    guard token.store == broadcasts.store, token.position <= engine.position else {
      throw Refusal(.resumeTokenCompacted)
    }
    if let known = board.version(at: token) {
      guard known == standing.goal.version else {
        return .known(known, token: request.resumeToken)
      }
      // Nothing was missed: saying so is the answer.
      return .missed(WatchPosition.Missed(), token: request.resumeToken, standing.goal)
    }
    let resumption = WatchResumption(engine: engine, calendars: calendars, token: token)
    // Many slots take a while: the connections of this loop must not wait for it.
    let missed: Result<WatchPosition.Missed, Refusal> = await withTaskExecutorPreference(
      globalConcurrentExecutor
    ) {
      do throws(Refusal) {
        return .success(try await resumption.missed(standing))
      } catch {
        return .failure(error)
      }
    }
    return .missed(try missed.get(), token: request.resumeToken, standing.goal)
  }

  private func next(
    _ board: WatchBoard, _ reader: inout WatchReader
  ) async throws(StreamEnd) -> SharedMessage? {
    do throws(Refusal) {
      return try await board.next(&reader)
    } catch {
      throw .refused(error)
    }
  }

  private func resumeToken(_ filter: WatchFilter) throws(Refusal) -> ResumeToken? {
    guard !request.resumeToken.isEmpty else { return nil }
    guard let token = ResumeToken(request.resumeToken, for: filter) else {
      throw Refusal(.resumeTokenInvalid)
    }
    return token
  }

  private func refusing<Value>(
    _ body: () throws(Refusal) -> Value
  ) throws(StreamEnd) -> Value {
    do throws(Refusal) {
      return try body()
    } catch {
      throw .refused(error)
    }
  }
}
