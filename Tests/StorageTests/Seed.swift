#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The seed of random tests: CUPO_SEED, or a new one each time. Failures print it.
enum Seed {
  static let value: UInt64 = {
    guard let text = unsafe getenv("CUPO_SEED"), let seed = unsafe UInt64(String(cString: text))
    else { return UInt64.random(in: 0...UInt64.max) }
    return seed
  }()
}

/// A random number generator that a seed determines (SplitMix64, public domain algorithm).
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
