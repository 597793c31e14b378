import Foundation

/// A repeatable source of randomness. The seed is printed, and `CUPO_SEED` sets it.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ name: String) {
    let given = ProcessInfo.processInfo.environment["CUPO_SEED"].flatMap { UInt64($0) }
    let seed = given ?? UInt64.random(in: 0..<1_000_000_000)
    print("\(name): CUPO_SEED=\(seed)")
    state = seed
  }

  // SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
