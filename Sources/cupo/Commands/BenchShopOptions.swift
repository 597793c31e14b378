internal import ArgumentParser

/// What `cupo bench` sells and how much of it: for stores that are to have so many pools or reservations.
struct BenchShopOptions: ParsableArguments {
  static let poolsMax = 1_000_000
  static let nameLengthMax = 32
  /// The longest hold that a product allows.
  private static let ttlSecondsMax: Int64 = 86_400

  @Option(
    help: """
      Pools that the calls are spread over, 1 to 1,000,000. Absent: 10,000. Not for workloads that have one pool: \
      reserve-hot, availability, calendar and watch.
      """)
  var pools: Int?

  @Option(
    name: .customLong("ttl"),
    help:
      "How long what is reserved is held, whole seconds to 24h. Absent: what the product says, 15m; 5s for lifecycle."
  )
  var ttl: DurationArgument?

  @Option(
    help: """
      End after so many requests, warm-up included, if --duration has not passed before: to fill a store. For \
      reserve-hot, reserve-uniform and batch-reserve, which takes whole thousands.
      """)
  var requests: Int?

  @Option(
    help: """
      The name of the pools: a run with the name of an earlier one goes on with its pools. Lower-case letters, digits and \
      hyphens, 32 at most. Absent: pools of its own.
      """)
  var shop: String?

  @Option(
    help: ArgumentHelp(
      "Whose the pools are: runs for different sellers can meet on different lanes of a store.",
      valueName: "id"))
  var seller = BenchShop.defaultSellerID

  /// How many pools `workload` has.
  func pools(of workload: BenchWorkload) -> Int { pools ?? workload.poolsDefault }

  var ttlSeconds: Int64? { ttl.map { $0.milliseconds / 1_000 } }

  func validate(for workload: BenchWorkload) throws(ValidationError) {
    if let pools {
      guard workload.hasManyPools else {
        throw ValidationError("--pools is not for \(workload.rawValue), which has one pool.")
      }
      guard (1...Self.poolsMax).contains(pools) else {
        throw ValidationError("--pools is between 1 and \(Self.poolsMax).")
      }
    }
    if let ttl {
      guard workload.reserves else {
        throw ValidationError("--ttl is not for \(workload.rawValue), which reserves nothing.")
      }
      guard ttl.milliseconds % 1_000 == 0,
        (1...Self.ttlSecondsMax).contains(ttl.milliseconds / 1_000)
      else { throw ValidationError("--ttl is whole seconds, between 1s and 24h.") }
    }
    try validateRequests(for: workload)
    if let shop {
      guard (1...Self.nameLengthMax).contains(shop.utf8.count), shop.utf8.allSatisfy(Self.isPlain)
      else {
        throw ValidationError(
          "--shop is lower-case letters, digits and hyphens, \(Self.nameLengthMax) at most.")
      }
    }
  }

  private func validateRequests(for workload: BenchWorkload) throws(ValidationError) {
    guard let requests else { return }
    guard [.reserveHot, .reserveUniform, .batchReserve].contains(workload) else {
      throw ValidationError("--requests is not for \(workload.rawValue).")
    }
    guard requests > 0 else { throw ValidationError("--requests is 1 at least.") }
    guard workload != .batchReserve || requests % BenchRun.batchSize == 0 else {
      throw ValidationError(
        "--requests of batch-reserve are whole batches: a multiple of \(BenchRun.batchSize).")
    }
  }

  private static func isPlain(_ letter: UInt8) -> Bool {
    switch letter {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
