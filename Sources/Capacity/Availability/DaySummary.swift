/// One local date of a product in one line. Nothing that a rule closes counts as left, and nothing counts twice.
package struct DaySummary: Equatable, Sendable {
  package let date: CivilDate
  /// The best of the slots'; of a day without slots `closed`.
  package private(set) var status = Availability.Status.closed
  /// The most that one reservation can take in one slot; slots without a limit apart.
  package private(set) var largestParty: Int64 = 0
  /// All that can still be sold on the day, over its slots; slots without a limit apart.
  package internal(set) var totalRemaining: Int64 = 0
  /// The slots in which the quantity asked for can be sold.
  package private(set) var openSlots = 0
  package private(set) var slots = 0
  /// A slot that is not closed has no limit.
  package private(set) var isUnlimited = false
  /// Why the whole day is closed: of the strongest rule of each slot the one that is nearest to a sale.
  package private(set) var closedBy: Obstacle?

  package init(date: CivilDate) {
    self.date = date
  }

  mutating func add(_ answer: Availability, of product: Product) {
    slots += 1
    if answer.isSellable { openSlots += 1 }
    if answer.status.rawValue < status.rawValue { status = answer.status }
    guard !answer.isClosedByCalendar else { return close(answer.obstacles.first) }
    if answer.status == .closed { close(answer.obstacles.first) }
    if answer.unlimited {
      isUnlimited = true
    } else {
      largestParty = max(largestParty, product.largestParty(of: answer.remaining))
    }
  }

  mutating func addSlotWithoutPlan(subject: String) {
    slots += 1
    close(Obstacle(.noSlotAtTime, subject: subject))
  }

  /// What a day without any slot is closed by; nil as long as it has some that are open.
  package func reason(subject: String) -> Obstacle? {
    guard status == .closed else { return nil }
    return closedBy ?? Obstacle(.noSlotAtTime, subject: subject)
  }

  private mutating func close(_ obstacle: Obstacle?) {
    guard let obstacle, obstacle.rank > closedBy?.rank ?? -1 else { return }
    closedBy = obstacle
  }
}

extension Availability {
  /// Whether a rule closes it that does not depend on the quantity asked for.
  var isClosedByCalendar: Bool {
    // Strongest first, and the rules of the calendar are stronger than those of quantity.
    guard status == .closed, let first = obstacles.first else { return false }
    switch first.kind {
    case .belowMinQuantity, .aboveMaxQuantity, .buyerLimitReached: return false
    default: return true
    }
  }
}

extension Product {
  /// How many of `remaining` units one reservation can take.
  fileprivate func largestParty(of remaining: Int64) -> Int64 {
    let most = limits.maxQuantity > 0 ? min(remaining, limits.maxQuantity) : remaining
    return most < limits.minQuantity ? 0 : max(0, most)
  }
}
