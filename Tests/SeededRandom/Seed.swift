#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// The seed of random tests: CUPO_SEED, or a new one each time. Failures print it.
package enum Seed {
  package static let value: UInt64 = given ?? UInt64.random(in: 0...UInt64.max)

  static let given: UInt64? = {
    guard let text = unsafe getenv("CUPO_SEED") else { return nil }
    return unsafe UInt64(String(cString: text))
  }()
}

/// A random number generator that a seed determines (SplitMix64, a public-domain algorithm).
package struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  /// A generator with a seed of its own, which is printed under `name`; CUPO_SEED sets it.
  package init(_ name: String) {
    let seed = Seed.given ?? UInt64.random(in: 0..<1_000_000_000)
    print("\(name): CUPO_SEED=\(seed)")
    state = seed
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
