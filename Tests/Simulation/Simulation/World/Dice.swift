import SeededRandom

/// All chance of a run: what is thrown depends on the seed alone.
struct Dice {
  private var random: SplitMix

  init(seed: UInt64) {
    random = SplitMix(seed: seed)
  }

  /// The dice of one step, which depend on nothing that other steps threw: steps can be left out.
  init(seed: UInt64, step: Int) {
    var mixed = SplitMix(seed: seed &+ UInt64(bitPattern: Int64(step)) &* 0xD134_2543_DE82_EF95)
    random = SplitMix(seed: mixed.next())
  }

  /// 0 ..< `count`.
  mutating func below(_ count: Int) -> Int {
    Int(random.next() >> 11) % max(1, count)
  }

  mutating func from(_ low: Int64, to high: Int64) -> Int64 {
    low + Int64(below(Int(high - low + 1)))
  }

  /// True once in `count` times; 0: never.
  mutating func once(in count: Int) -> Bool {
    count > 0 && below(count) == 0
  }

  mutating func pick<Element>(_ list: [Element]) -> Element {
    list[below(list.count)]
  }

  /// An index, the likelier the greater its weight.
  mutating func weighted(_ weights: [Int]) -> Int {
    var rest = below(weights.reduce(0, +))
    for (index, weight) in weights.enumerated() {
      if rest < weight { return index }
      rest -= weight
    }
    return 0
  }
}
