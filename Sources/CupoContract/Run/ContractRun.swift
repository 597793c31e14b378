internal import Synchronization

/// What the checks of one run share.
final class ContractRun: Sendable {
  /// Sends calls.
  let caller: Caller
  /// Set apart from all other runs; part of every id that this one uses.
  let id: String
  private let counter = Atomic(0)

  init(_ caller: Caller) {
    self.caller = caller
    let letters = Array("0123456789abcdefghjkmnpqrstvwxyz")
    id = "ct-" + String((0..<10).map { _ in letters[Int.random(in: 0..<letters.count)] })
  }

  /// An id that nobody has used before.
  func fresh(_ kind: String) -> String {
    "\(id)-\(kind)-\(counter.add(1, ordering: .relaxed).newValue)"
  }

  /// Whose everything is that this run makes.
  var sellerID: String { "\(id)-seller" }
}
