// What a request about a reservation may touch, and whether it has come before. Everything that changes a reservation
// asks the same questions in the same order: is it visible, was the request applied, what does it take of each line.
extension Ledger {
  /// The reservation, where it exists for `scope`.
  static func visible(
    _ number: UInt64, _ scope: Command.Scope, _ set: WorkingSet
  ) -> Reservation? {
    guard let reservation = set.reservation(number) else { return nil }
    switch scope {
    case .anyone: return reservation
    case .buyer(let buyer): return reservation.buyerID == buyer ? reservation : nil
    case .sellers(let sellers):
      return reservation.lines.contains { sellers.contains($0.sellerID) } ? reservation : nil
    }
  }

  /// The indices of the lines that `scope` is shown.
  static func shownLines(_ scope: Command.Scope, _ reservation: Reservation) -> [Int] {
    guard case .sellers(let sellers) = scope else { return Array(reservation.lines.indices) }
    return reservation.lines.indices.filter { sellers.contains(reservation.lines[$0].sellerID) }
  }

  /// The amounts by the indices of the whole reservation; a line that is not shown gets an index that none has.
  static func absolute(_ command: Command.Resolve, _ reservation: Reservation) -> [LineAmount] {
    guard case .sellers = command.scope else { return command.amounts }
    let shown = shownLines(command.scope, reservation)
    return command.amounts.map { amount in
      LineAmount(
        line: amount.line < shown.count
          ? shown[amount.line] : reservation.lines.count + amount.line,
        quantity: amount.quantity)
    }
  }

  /// Nil: this request was not applied yet. Otherwise it was, and what is wrong with the repeat, if anything.
  static func applied(
    _ command: Command.Resolve, _ action: AppliedRequest.Action, to reservation: Reservation
  ) -> Rejection?? {
    guard let first = request(command.requestID, of: reservation) else { return nil }
    if first.action != action { return .some(.keyReused(field: "request_id")) }
    if first.amounts != absolute(command, reservation) {
      return .some(.keyReused(field: "amounts"))
    }
    return .some(nil)
  }

  /// What was applied under this id before.
  static func request(_ id: String, of reservation: Reservation) -> AppliedRequest? {
    guard !id.isEmpty else { return nil }
    return reservation.requests.first { $0.id.utf8.elementsEqual(id.utf8) }
  }

  /// A reservation is one record, so what it remembers has an end.
  static func tooManyRequests(_ id: String, _ reservation: Reservation) -> Rejection? {
    guard !id.isEmpty, reservation.requests.count >= AppliedRequest.countMax else { return nil }
    let text =
      "This reservation has had \(AppliedRequest.countMax) requests with an id; "
      + "consume or release the rest without one."
    return .violations([Violation("request_id", text)])
  }

  /// What a request means to lines that have nothing left for it: a repeat without amounts, an error with them.
  static func replayOrRefuse(
    _ command: Command.Resolve, _ reservation: Reservation,
    _ refusal: (_ line: Int, _ requested: Int64, _ available: Int64) -> Rejection,
    _ replay: (Reservation) -> Outcome
  ) -> Outcome {
    guard let first = command.amounts.first else { return replay(reservation) }
    if let rejection = lineViolations(command, reservation) { return .rejected(rejection) }
    return .rejected(refusal(first.line, first.quantity, 0))
  }

  enum Amounts {
    case quantities([Int64])
    case rejected(Rejection)
  }

  /// What the command takes of each line: all that `available` has of the lines shown, or the amounts it names.
  static func quantities(
    _ command: Command.Resolve, _ reservation: Reservation,
    _ available: (ReservationLine) -> Int64,
    _ refusal: (_ line: Int, _ requested: Int64, _ available: Int64) -> Rejection
  ) -> Amounts {
    if let rejection = tooManyRequests(command.requestID, reservation) {
      return .rejected(rejection)
    }
    guard !command.amounts.isEmpty else {
      return .quantities(allOf(reservation, command.scope, available))
    }
    if let rejection = lineViolations(command, reservation) { return .rejected(rejection) }
    var quantities = reservation.lines.map { _ in Int64(0) }
    for (amount, shown) in zip(absolute(command, reservation), command.amounts) {
      let rest = available(reservation.lines[amount.line])
      if amount.quantity > rest { return .rejected(refusal(shown.line, amount.quantity, rest)) }
      quantities[amount.line] = amount.quantity
    }
    return .quantities(quantities)
  }

  private static func allOf(
    _ reservation: Reservation, _ scope: Command.Scope, _ available: (ReservationLine) -> Int64
  ) -> [Int64] {
    guard case .sellers(let sellers) = scope else { return reservation.lines.map(available) }
    return reservation.lines.map { sellers.contains($0.sellerID) ? available($0) : 0 }
  }

  // Every amount must name a line that there is, and each line once.
  private static func lineViolations(
    _ command: Command.Resolve, _ reservation: Reservation
  ) -> Rejection? {
    let amounts = command.amounts
    let last = shownLines(command.scope, reservation).count - 1
    let violations = amounts.enumerated().compactMap { index, amount -> Violation? in
      let field = "amounts[\(index)].line"
      if amount.line > last {
        return Violation(field, "The reservation has lines 0 to \(last), not \(amount.line).")
      }
      let isTwice = amounts[..<index].contains { $0.line == amount.line }
      return isTwice ? Violation(field, "Line \(amount.line) has an amount already.") : nil
    }
    return violations.isEmpty ? nil : .violations(violations)
  }
}
