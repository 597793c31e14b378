/// How long work that comes now would wait for the lane, learnt from the lane's own batches.
///
/// Pure: times go in and come out, in microseconds of a clock that never goes back. A batch takes a fixed time (the commit) and
/// something for each piece in it; both are fitted to the last batches by least squares, in which older ones count less. Without
/// evidence it is hopeful: a lane that has nothing to do may be asked for anything.
struct WaitEstimate {
  /// So long a batch is to take for the pieces in it, so that releases get their turn.
  static let sliceMicroseconds = 20_000.0
  /// More in one batch make nothing cheaper.
  static let largestBatch = 2_048
  /// So much a batch may have however long it takes.
  static let smallestBatch = 32
  /// So many that wait are worth a look at the time: the batch before them may be stuck.
  private static let noticed = 256
  /// What is left of an older batch's say, one batch later.
  private static let memory = 0.9
  /// A stall is no more telling than a batch of this time.
  private static let longestMicroseconds = 10_000_000.0

  private let largest: Int

  // Sums over the batches so far: of weights, sizes, times, and their products.
  private var (weight, size, time) = (0.0, 0.0, 0.0)
  private var (sizeSize, sizeTime) = (0.0, 0.0)
  /// What a batch takes whatever is in it.
  private(set) var fixed = 0.0
  /// What each piece adds.
  private(set) var each = 0.0
  private var running: (count: Int, start: Int64)?

  /// - Parameter largest: how much a batch may have, whatever is learnt.
  init(largest: Int = WaitEstimate.largestBatch) {
    self.largest = largest
  }

  /// As many pieces as the next batch should have.
  var batchMax: Int {
    guard each > 0 else { return largest }
    let most = min(Double(largest), Self.sliceMicroseconds / each)
    return min(largest, max(Self.smallestBatch, Int(most)))
  }

  /// The lane begins a batch.
  mutating func began(count: Int, at now: Int64) {
    running = (count, now)
  }

  /// The lane is done with the batch that it began; without one, nothing.
  mutating func ended(at now: Int64) {
    guard let running else { return }
    self.running = nil
    learn(
      Double(running.count), min(Double(max(0, now - running.start)), Self.longestMicroseconds))
  }

  private mutating func learn(_ count: Double, _ took: Double) {
    weight = weight * Self.memory + 1
    size = size * Self.memory + count
    time = time * Self.memory + took
    sizeSize = sizeSize * Self.memory + count * count
    sizeTime = sizeTime * Self.memory + count * took
    let (meanSize, meanTime) = (size / weight, time / weight)
    let variance = sizeSize / weight - meanSize * meanSize
    // Batches that are all alike say nothing about what one piece costs; what was known of it stays.
    if variance > max(1, meanSize * meanSize / 100) {
      each = max(0, (sizeTime / weight - meanSize * meanTime) / variance)
    }
    each = min(each, meanTime / meanSize)
    fixed = max(0, meanTime - each * meanSize)
  }

  /// Whether the wait behind `waiting` pieces may be longer than `limit`: what can be said without looking at the time.
  func isLong(behind waiting: Int, _ limit: Int64) -> Bool {
    guard let running else { return false }
    return duration(of: running.count + waiting + 1) > Double(limit) || waiting >= Self.noticed
  }

  /// From now until work would be done that comes now, behind `waiting` other pieces. A batch that takes longer than it should
  /// is believed to need as long again.
  func wait(behind waiting: Int, at now: Int64) -> Int64 {
    var wait = 0.0
    if let running {
      wait = abs(duration(of: running.count) - Double(max(0, now - running.start)))
    }
    let (batches, rest) = waiting.quotientAndRemainder(dividingBy: batchMax)
    wait += Double(batches) * duration(of: batchMax) + duration(of: rest + 1)
    // Bounded, so that no sum of it can overflow.
    return Int64(min(wait, 1e15))
  }

  private func duration(of count: Int) -> Double { fixed + each * Double(count) }
}
