import Capacity
import CapacityEngine

/// The network: it loses messages, doubles them and lets none keep its place.
extension World {
  func deliver() throws(Broken) {
    guard !mail.isEmpty else { return ask() }
    let index = dice.below(mail.count)
    let message = mail[index]
    if dice.once(in: swarm.dropped) {
      mail.swapAt(index, mail.count - 1)
      mail.removeLast()
      return say("a message is lost")
    }
    if !dice.once(in: swarm.doubled) {
      mail.swapAt(index, mail.count - 1)
      mail.removeLast()
    }
    switch message {
    case .request(let request, let node): try receive(request, nodes[node])
    case .answer(let letter):
      guard case .outcome(let outcome)? = letter.answer else { return }
      try clients[letter.request.client].hear(outcome, to: letter.request)
    }
  }

  /// A request reaches a node, which puts it where it waits for the lane.
  func receive(_ request: Request, _ node: Node) throws(Broken) {
    guard let engine = node.engine else { return say("\(request.number) finds nobody") }
    let letter = Letter(request, node.diary)
    var content = request.content
    if case .read(let product, let slot, let quantity, _) = content {
      let catalogue = engine.engine.catalogue
      let found = SlotPlan.find(
        productID: product, slotID: slot, in: catalogue, at: node.clock.now)
      var pools: [PoolKey] = []
      if case .plan(let plan) = found { pools = plan.pools }
      content = .read(productID: product, slot: slot, quantity: quantity, pools: pools)
    }
    letter.asked = content
    say("\(request.number) reaches the node")
    let waiting = letter.isUrgent ? node.urgentCount : node.waiting.count - node.urgentCount
    post(content, letter, engine)
    _ = node.diary.take()
    digest.mix(letter.answersCount)
    // Releases wait in a queue of their own: no crowd of others keeps them out.
    guard (letter.failure == .overloaded) == (waiting >= swarm.waitingMax) else {
      throw Broken("I12", "\(waiting) wait, and \(request.number) is answered \(letter.said)")
    }
    if letter.answer != nil { return mail.append(.answer(letter)) }
    node.waiting.append(letter)
    if letter.isUrgent { node.urgentCount += 1 }
  }

  // What changes definitions is audited, as the handlers have it.
  private static func note(of command: Command) -> AuditNote? {
    switch command {
    case .reserve, .consume, .release, .extend, .cancel: nil
    case .putResource, .putProduct, .setPause, .adjustStock:
      AuditNote(
        AuditRecord.Source(actor: "ed", method: "Put"), subject: "definition", isOfStaff: false)
    }
  }

  private func post(_ content: Letter.Content, _ letter: Letter, _ engine: SteppedEngine) {
    switch content {
    case .command(let command):
      engine.post(command, note: Self.note(of: command)) { result in
        switch result {
        case .success(let outcome): letter.put(.outcome(outcome))
        case .failure(let error): letter.put(.failure(error))
        }
      }
    case .read(_, _, _, let pools):
      engine.post(ReadQuery(pools: pools)) { result in
        switch result {
        case .success(let reading): letter.put(.reading(reading))
        case .failure(let error): letter.put(.failure(error))
        }
      }
    case .lookUp(let number):
      engine.post(lookUp: number) { result in
        switch result {
        case .success(let reservation): letter.put(.reservation(reservation))
        case .failure(let error): letter.put(.failure(error))
        }
      }
    case .list(let filter, let before, let limit):
      engine.post(ReservationQuery(filter: filter, before: before, limit: limit)) { result in
        switch result {
        case .success(let page): letter.put(.page(page))
        case .failure(let error): letter.put(.failure(error))
        }
      }
    }
  }
}
