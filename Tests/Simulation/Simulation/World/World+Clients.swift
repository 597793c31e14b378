import Capacity
import CapacityEngine

/// What clients ask for.
extension World {
  /// A client asks something new, or something that it asked before.
  func ask() {
    let index = dice.below(clients.count)
    let request: Request
    if !clients[index].sent.isEmpty, dice.once(in: 6), !isAllCommands() {
      request = dice.pick(clients[index].sent)
    } else {
      requestsCount += 1
      request = Request(requestsCount, client: index, content(clients[index]))
      clients[index].remember(request)
    }
    send(request)
  }

  func send(_ request: Request) {
    let node = home(of: request.content)?.index ?? someNode()
    mail.append(.request(request, node: node))
    say("client \(request.client) sends \(request.number): \(request.content)")
  }

  private func content(_ client: Client) -> Letter.Content {
    switch dice.below(isAllCommands() ? 17 : 24) {
    case 0..<9:
      let reserve = reserve(client)
      guard swarm.ahead != nil, !dice.once(in: 12), !isSellable(reserve.lines) else {
        return .command(.reserve(reserve))
      }
      return .command(.release(resolve(client)))
    case 9..<12: return .command(.consume(resolve(client)))
    case 12..<15: return .command(.release(resolve(client)))
    case 15: return .command(.cancel(resolve(client)))
    case 16: return .command(.extend(extend(client)))
    case 17: return changedRepeat(client)
    case 18: return .lookUp(number(client))
    case 19: return list(client)
    default: return read()
    }
  }

  // What is no command, or no new one, ends deciding ahead for a while.
  private func isAllCommands() -> Bool {
    guard let ahead = swarm.ahead else { return false }
    return !dice.once(in: ahead.questions)
  }

  // MARK: Reserving

  private func reserve(_ client: Client) -> Command.Reserve {
    let count = dice.once(in: 3) ? 1 + dice.below(3) : 1
    return Command.Reserve(
      key: IdempotencyKey(buyerID: client.buyer, key: "k\(requestsCount)"),
      lines: lines(count), ttl: timeToLive(),
      reference: dice.once(in: 5) ? "r" : "", actor: client.buyer)
  }

  private func lines(_ count: Int) -> [Command.RequestedLine] {
    var lines: [Command.RequestedLine] = []
    for _ in 0..<count {
      var line = line()
      // Most want several things of one seller.
      if swarm.lanes > 1, let first = lines.first, !dice.once(in: swarm.mixed) {
        for _ in 0..<8 where seller(of: line) != seller(of: first) { line = self.line() }
      }
      lines.append(line)
    }
    return lines
  }

  private func seller(of line: Command.RequestedLine) -> String? {
    truth.products[line.productID]?.sellerID
  }

  private func timeToLive() -> Interval? {
    switch dice.below(20) {
    case 0: nil
    case 1: Interval(microseconds: 1)
    case 2: Interval(seconds: 30 * 3600)
    default: Interval(microseconds: dice.from(1, to: swarm.ttlMax * 1_000_000))
    }
  }

  private func line() -> Command.RequestedLine {
    guard swarm.ahead != nil, !dice.once(in: 12) else { return anyLine() }
    // What is refused ends deciding ahead, too.
    var line = anyLine()
    for _ in 0..<8 {
      if isSellable([line]) { break }
      line = anyLine()
    }
    return line
  }

  private func isSellable(_ lines: [Command.RequestedLine]) -> Bool {
    truth.judge(lines, for: nil, nodes[0].zones, disk.clock.now).failures.isEmpty
  }

  private func anyLine() -> Command.RequestedLine {
    let product = "p\(dice.below(swarm.products))"
    return Command.RequestedLine(
      productID: product, slot: slot(product), quantity: dice.from(1, to: swarm.quantityMax))
  }

  /// Some slot of a product, near what is sold today; now and then one that there is not.
  func slot(_ productID: String) -> String {
    guard let first = truth.products[productID]?.draws.first?.resourceID,
      let resource = truth.resources[first],
      let table = zoneData.table(resource.timeZone, zoneVersion.value)
    else { return "" }
    let spelling: Spelling
    let day = table.day(at: now / 1_000_000) + dice.from(dice.once(in: 8) ? -1 : 0, to: 2)
    switch resource.inventory {
    case .stock: spelling = dice.once(in: 50) ? .day(day) : .stock
    case .daily: spelling = .day(day)
    case .slots:
      let starts = truth.starts(resource, table, day)
      let start =
        starts.isEmpty || dice.once(in: 50)
        ? table.second(ofLocal: day * 86_400 + 60 * dice.from(0, to: 1439)) : dice.pick(starts)
      spelling = .start(second: start, offset: table.offset(at: start))
    }
    let text = spelling.text
    truth.spellings[text] = spelling
    return text
  }

  // The key of an earlier request for something else.
  private func changedRepeat(_ client: Client) -> Letter.Content {
    let earlier = client.sent.compactMap { request -> Command.Reserve? in
      guard case .command(.reserve(let reserve)) = request.content else { return nil }
      return reserve
    }
    guard !earlier.isEmpty else { return read() }
    let first = dice.pick(earlier)
    var (lines, ttl, reference) = (first.lines, first.ttl, first.reference)
    switch dice.below(4) {
    case 0: lines[0].quantity += 1
    case 1: reference += "x"
    case 2: lines.append(line())
    default: ttl = Interval(seconds: 77)
    }
    return .command(
      .reserve(
        Command.Reserve(
          key: first.key, lines: lines, ttl: ttl, reference: reference, actor: first.actor)))
  }

  // MARK: Resolving

  private func number(_ client: Client) -> UInt64 {
    if !client.known.isEmpty, !dice.once(in: 6) {
      // Nodes have only those at hand.
      let held = client.known.filter { truth.reservation($0)?.state == .held }
      let isPlain = swarm.ahead != nil && !held.isEmpty && !dice.once(in: 12)
      return dice.pick(isPlain ? held : client.known)
    }
    return UInt64(dice.from(0, to: Int64(truth.nextNumber + 1)))
  }

  private func scope(_ client: Client) -> Command.Scope {
    switch dice.below(8) {
    case 0: .buyer("b\(dice.below(swarm.clients))")
    case 1..<4: .buyer(client.buyer)
    default: .anyone
    }
  }

  private func resolve(_ client: Client) -> Command.Resolve {
    let number = number(client)
    var command = Command.Resolve(
      number: number, scope: scope(client), actor: client.buyer, reacquire: dice.once(in: 2))
    guard dice.once(in: 3) else { return command }
    command.requestID = "q\(dice.once(in: 6) ? dice.below(8) : requestsCount)"
    guard let lines = truth.reservation(number)?.lines.count, dice.once(in: 2) else {
      return command
    }
    let first = dice.below(lines)
    command.amounts = [LineAmount(line: first, quantity: dice.from(1, to: swarm.quantityMax))]
    if lines > 1, dice.once(in: 2) {
      let other = (first + 1) % lines
      command.amounts.append(LineAmount(line: other, quantity: 1))
    }
    return command
  }

  private func extend(_ client: Client) -> Command.Extend {
    Command.Extend(
      number: number(client), scope: scope(client),
      ttl: Interval(microseconds: dice.from(1, to: swarm.ttlMax * 2_000_000)),
      requestID: "q\(dice.once(in: 6) ? dice.below(8) : requestsCount)", actor: client.buyer)
  }

  // MARK: Reading

  private func list(_ client: Client) -> Letter.Content {
    var filter = ReservationFilter()
    if dice.once(in: 2) { filter.buyerID = client.buyer }
    if dice.once(in: 3) { filter.states = [.held] }
    if dice.once(in: 4) { filter.productID = "p\(dice.below(swarm.products))" }
    let before =
      dice.once(in: 2) ? UInt64(dice.from(1, to: Int64(truth.nextNumber))) : nil
    return .list(filter, before: before, limit: 1 + dice.below(5))
  }

  /// What can be sold of something. Its pools are filled in when the question reaches a node.
  func read() -> Letter.Content {
    let line = line()
    return .read(
      productID: line.productID, slot: line.slot, quantity: line.quantity, pools: [])
  }
}
