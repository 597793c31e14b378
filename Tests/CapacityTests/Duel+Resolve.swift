import Capacity
import SeededRandom

// Everything that changes a reservation, predicted from the table in SYSTEM.md section 4.
extension Duel {
  mutating func resolve(_ action: AppliedRequest.Action) {
    guard let index = model.promises.indices.suffix(12).randomElement(using: &random) else {
      return
    }
    var amounts: [LineAmount] = []
    var id = ""
    if chance(2) {
      id = "r\(Int.random(in: 0..<4, using: &random))"
      if let first = model.promises[index].requests[id], chance(2) {
        amounts = first.amounts
      } else {
        for line in model.promises[index].lines.indices where chance(2) {
          amounts.append(LineAmount(line: line, quantity: .random(in: 1...3, using: &random)))
        }
      }
    }
    let reacquire = action == .consume && chance(2)
    let resolve = Command.Resolve(
      number: UInt64(index + 1), scope: .anyone, amounts: amounts, requestID: id, actor: "x",
      reacquire: reacquire)
    let expected = predict(index, action, resolve)
    let outcome = run(command(action, resolve))
    let found = name(outcome)
    expect(found == expected, "\(resolve) gives \(found), the model says \(expected)")
  }

  private func command(
    _ action: AppliedRequest.Action, _ resolve: Command.Resolve
  ) -> Command {
    switch action {
    case .consume: .consume(resolve)
    case .release: .release(resolve)
    case .cancel, .extend: .cancel(resolve)
    }
  }

  private func name(_ outcome: Outcome) -> String {
    if let rejection = outcome.rejection { return name(rejection) }
    return outcome.isReplay == true ? "replay" : "done"
  }

  private func name(_ rejection: Rejection) -> String {
    switch rejection {
    case .keyReused(let field): "reused \(field)"
    case .reservationExpired: "expired"
    case .exceedsHeld: "exceeds"
    case .alreadyConsumed: "consumed"
    case .alreadyReleased: "released"
    case .alreadyCancelled: "cancelled"
    case .notConsumed: "not consumed"
    case .extensionLimit: "limit"
    default: "\(rejection)"
    }
  }

  // What SYSTEM.md section 4 says, done to the model.
  private mutating func predict(
    _ index: Int, _ action: AppliedRequest.Action, _ resolve: Command.Resolve
  ) -> String {
    let promise = model.promises[index]
    if !resolve.requestID.isEmpty, let first = promise.requests[resolve.requestID] {
      if first.action != action { return "reused request_id" }
      return first.amounts == resolve.amounts ? "replay" : "reused amounts"
    }
    let isWhole = resolve.amounts.isEmpty
    switch (action, promise.state) {
    case (.consume, .held): return take(index, resolve, from: \.held, to: \.consumed)
    case (.consume, .consumed): return isWhole ? "replay" : "exceeds"
    case (.consume, .released): return "released"
    case (.consume, .expired):
      return resolve.reacquire
        ? take(index, resolve, from: \.expired, to: \.consumed) : "expired"
    case (.release, .held): return take(index, resolve, from: \.held, to: \.released)
    case (.release, .consumed): return "consumed"
    case (.release, .released): return isWhole ? "replay" : "exceeds"
    case (.release, .expired): return "replay"
    case (.cancel, .held), (.cancel, .consumed):
      if isWhole, promise.lines.allSatisfy({ $0.consumed == 0 }) { return "not consumed" }
      return take(index, resolve, from: \.consumed, to: \.cancelled)
    case (.cancel, .released), (.cancel, .expired): return "not consumed"
    case (.cancel, .cancelled): return isWhole ? "replay" : "not consumed"
    case (.consume, .cancelled), (.release, .cancelled), (.extend, _): return "cancelled"
    }
  }

  mutating func extend() {
    guard let index = model.promises.indices.suffix(12).randomElement(using: &random) else {
      return
    }
    let seconds = Int64.random(in: 1...80, using: &random)
    let id = "r\(Int.random(in: 0..<4, using: &random))"
    let expected = predictExtension(index, id, seconds)
    let outcome = run(
      .extend(
        Command.Extend(
          number: UInt64(index + 1), scope: .anyone, ttl: Interval(seconds: seconds),
          requestID: id, actor: "x")))
    let found = name(outcome)
    expect(found == expected, "extending \(index + 1) gives \(found), not \(expected)")
  }

  private mutating func predictExtension(_ index: Int, _ id: String, _ seconds: Int64) -> String {
    let promise = model.promises[index]
    if let first = promise.requests[id] {
      if first.action != .extend { return "reused request_id" }
      return first.ttl == seconds ? "replay" : "reused ttl"
    }
    switch promise.state {
    case .held: break
    case .consumed: return "consumed"
    case .released: return "released"
    case .expired: return "expired"
    case .cancelled: return "cancelled"
    }
    let policies = promise.lines.filter { $0.held > 0 }.compactMap { model.policies[$0.product] }
    let ages = policies.map { $0.age ?? Interval(seconds: 86_400) }
    let wanted = model.now + Interval(seconds: seconds)
    if promise.extensions >= policies.map(\.extensions).min() ?? 0 { return "limit" }
    if wanted > promise.expiresAt, ages.contains(where: { wanted > promise.createdAt + $0 }) {
      return "limit"
    }
    if wanted > promise.expiresAt {
      model.promises[index].expiresAt = wanted
      model.promises[index].extensions += 1
    }
    model.promises[index].requests[id] = Model.Request(action: .extend, ttl: seconds)
    return "done"
  }

  private mutating func take(
    _ index: Int, _ resolve: Command.Resolve, from counter: WritableKeyPath<Model.Line, Int64>,
    to target: WritableKeyPath<Model.Line, Int64>
  ) -> String {
    let refusal = counter == \.consumed ? "not consumed" : "exceeds"
    var promise = model.promises[index]
    var taken = promise.lines.map { $0[keyPath: counter] }
    if !resolve.amounts.isEmpty {
      taken = promise.lines.map { _ in 0 }
      for amount in resolve.amounts { taken[amount.line] = amount.quantity }
      for (line, quantity) in zip(promise.lines, taken) where quantity > line[keyPath: counter] {
        return refusal
      }
    }
    if counter == \.expired {
      let wanted = promise.lines.indices.filter { taken[$0] > 0 }.map { line in
        (line: line, draws: reacquiredDraws(promise.lines[line]))
      }
      guard wanted.allSatisfy({ $0.draws != nil }) else { return "expired" }
      let judged = model.judge(
        wanted.map { (promise.lines[$0.line].product, taken[$0.line], $0.draws ?? []) },
        by: Model.Buyer(id: promise.buyer, reservedAt: promise.createdAt))
      guard judged.allSatisfy({ $0 == nil }) else { return "expired" }
      for entry in wanted { promise.lines[entry.line].draws = entry.draws ?? [] }
    }
    for (line, quantity) in taken.enumerated() {
      promise.lines[line][keyPath: counter] -= quantity
      promise.lines[line][keyPath: target] += quantity
    }
    if !resolve.requestID.isEmpty {
      promise.requests[resolve.requestID] = Model.Request(
        action: action(target), amounts: resolve.amounts)
    }
    model.promises[index] = promise
    model.settle(index, state(target))
    return "done"
  }

  private func action(_ target: KeyPath<Model.Line, Int64>) -> AppliedRequest.Action {
    target == \.consumed ? .consume : target == \.released ? .release : .cancel
  }

  private func state(_ target: KeyPath<Model.Line, Int64>) -> Reservation.State {
    target == \.consumed ? .consumed : target == \.released ? .released : .cancelled
  }

  // The draws of today; nil where the slot that was promised is no slot of the product any more.
  private func reacquiredDraws(_ line: Model.Line) -> [Model.Draw]? {
    for slot in slotList where model.spelling(line.product, slot) == line.slot {
      return model.draws(line.product, slot)
    }
    return nil
  }
}
