/// What a caller wants done. Its fields are well formed: the border has checked them.
package enum Command: Sendable {
  case reserve(Reserve)
  indirect case consume(Resolve)
  indirect case release(Resolve)
  indirect case extend(Extend)
  indirect case cancel(Resolve)
  indirect case putResource(PutResource)
  indirect case putProduct(PutProduct)
  indirect case setPause(SetPause)
  indirect case adjustStock(AdjustStock)

  /// Whose things a command may touch.
  package enum Scope: Hashable, Sendable {
    case anyone
    /// Only this buyer's; another's does not exist for the caller.
    case buyer(String)
    /// Only what is these sellers'. Of a reservation only what has a line of theirs, and of that only these lines: indices of
    /// amounts count them alone.
    case sellers(Set<String>)

    package static func seller(_ id: String) -> Scope { .sellers([id]) }

    /// Whether a definition of this seller's may be touched. Buyers have none.
    func owns(_ sellerID: String) -> Bool {
      switch self {
      case .anyone: true
      case .buyer: false
      case .sellers(let ids): ids.contains(sellerID)
      }
    }
  }

  /// An object, for it is handed on a dozen times, and what it has are many references to count.
  package final class Reserve: Sendable {
    package let key: IdempotencyKey
    package let lines: [RequestedLine]
    /// Nil: the default.
    package let ttl: Interval?
    package let reference: String
    package let actor: String

    package init(
      key: IdempotencyKey, lines: [RequestedLine], ttl: Interval?, reference: String, actor: String
    ) {
      self.key = key
      self.lines = lines
      self.ttl = ttl
      self.reference = reference
      self.actor = actor
    }
  }

  package struct RequestedLine: Hashable, Sendable {
    package var productID: String
    package var slot: String
    package var quantity: Int64

    package init(productID: String, slot: String, quantity: Int64) {
      self.productID = productID
      self.slot = slot
      self.quantity = quantity
    }
  }

  /// Consume, Release or Cancel.
  package struct Resolve: Sendable {
    package var number: UInt64
    package var scope: Scope
    /// Empty: all that is held; for Cancel all that is consumed.
    package var amounts: [LineAmount]
    /// Empty: none; never empty with amounts.
    package var requestID: String
    package var actor: String
    package var reason: String
    /// Consume: try again at once where the time has run out.
    package var reacquire: Bool

    package init(
      number: UInt64, scope: Scope, amounts: [LineAmount] = [], requestID: String = "",
      actor: String, reason: String = "", reacquire: Bool = false
    ) {
      self.number = number
      self.scope = scope
      self.amounts = amounts
      self.requestID = requestID
      self.actor = actor
      self.reason = reason
      self.reacquire = reacquire
    }
  }

  package struct Extend: Sendable {
    package var number: UInt64
    package var scope: Scope
    /// From now on, before it is clamped to the policy.
    package var ttl: Interval
    /// Never empty.
    package var requestID: String
    package var actor: String

    package init(
      number: UInt64, scope: Scope, ttl: Interval, requestID: String, actor: String
    ) {
      self.number = number
      self.scope = scope
      self.ttl = ttl
      self.requestID = requestID
      self.actor = actor
    }
  }

  package struct PutResource: Sendable {
    package var resource: Resource
    package var zone: Zone
    /// 0: create or replace whatever is there.
    package var expectedVersion: UInt64
    package var validateOnly: Bool
    package var scope: Scope
    package var actor: String

    package init(
      resource: Resource, zone: Zone, expectedVersion: UInt64 = 0, validateOnly: Bool = false,
      scope: Scope = .anyone, actor: String
    ) {
      self.scope = scope
      self.resource = resource
      self.zone = zone
      self.expectedVersion = expectedVersion
      self.validateOnly = validateOnly
      self.actor = actor
    }
  }

  package struct PutProduct: Sendable {
    package var product: Product
    package var expectedVersion: UInt64
    package var validateOnly: Bool
    package var scope: Scope
    package var actor: String

    package init(
      product: Product, expectedVersion: UInt64 = 0, validateOnly: Bool = false,
      scope: Scope = .anyone, actor: String
    ) {
      self.scope = scope
      self.product = product
      self.expectedVersion = expectedVersion
      self.validateOnly = validateOnly
      self.actor = actor
    }
  }

  package struct AdjustStock: Sendable {
    package var resourceID: String
    /// -10^15 to 10^15.
    package var delta: Int64
    /// Never empty.
    package var requestID: String
    package var scope: Scope
    package var actor: String
    package var reason: String

    package init(
      resourceID: String, delta: Int64, requestID: String, scope: Scope = .anyone, actor: String,
      reason: String = ""
    ) {
      self.scope = scope
      self.resourceID = resourceID
      self.delta = delta
      self.requestID = requestID
      self.actor = actor
      self.reason = reason
    }
  }

  package struct SetPause: Sendable {
    package enum Target: Hashable, Sendable {
      case resource(String)
      case product(String)
    }

    package var target: Target
    package var paused: Bool
    package var scope: Scope
    package var actor: String
    package var reason: String

    package init(
      target: Target, paused: Bool, scope: Scope = .anyone, actor: String, reason: String = ""
    ) {
      self.scope = scope
      self.target = target
      self.paused = paused
      self.actor = actor
      self.reason = reason
    }
  }
}
