internal import CapacityEngine

/// The buckets of all callers: as many as it has places, whoever calls. Pure: times go in, decisions come out.
///
/// The one thing to know: a bucket that is not full is never forgotten, so nobody gets a fresh one by driving out the old one. While all
/// places are taken by such buckets, all newcomers share one more.
struct BucketTable {
  struct Key: Hashable, Sendable {
    let subject: String
    /// Of the rule that the bucket is for.
    let rule: Int
  }

  private struct Place {
    let key: Key
    var bucket: TokenBucket
  }

  /// Places that one newcomer looks at for a bucket that can be forgotten.
  private static let lookedAt = 16

  let placesMax: Int
  private var places: [Place] = []
  private var index: [Key: Int] = [:]
  private var hand = 0
  // By rule: of those who have no place.
  private var shared: [Int: TokenBucket] = [:]

  init(placesMax: Int) {
    self.placesMax = placesMax
  }

  var count: Int { places.count }

  /// Takes a token for each of `demands`, or none where one of them has to wait.
  ///
  /// - Returns: nil: taken; else when all of them will have one, nanoseconds from `now`.
  mutating func take(
    _ demands: [(key: Key, limit: RateLimit)], at now: Int64
  ) -> Int64? {
    var wait: Int64 = 0
    for (key, limit) in demands {
      wait = max(wait, bucket(key, at: now).wait(limit, at: now) ?? 0)
    }
    guard wait == 0 else { return wait }
    for (key, limit) in demands {
      if let place = place(key, at: now) {
        places[place].bucket.take(limit, at: now)
      } else {
        shared[key.rule, default: TokenBucket(at: now)].take(limit, at: now)
      }
    }
    return nil
  }

  // As it is, or as it would be.
  private mutating func bucket(_ key: Key, at now: Int64) -> TokenBucket {
    if let place = place(key, at: now) { return places[place].bucket }
    return shared[key.rule] ?? TokenBucket(at: now)
  }

  // nil: there is none for a newcomer.
  private mutating func place(_ key: Key, at now: Int64) -> Int? {
    if let known = index[key] { return known }
    if places.count < placesMax {
      index[key] = places.count
      places.append(Place(key: key, bucket: TokenBucket(at: now)))
      return places.count - 1
    }
    for _ in 0..<min(Self.lookedAt, places.count) {
      hand = hand + 1 < places.count ? hand + 1 : 0
      guard places[hand].bucket.isFull(at: now) else { continue }
      index[places[hand].key] = nil
      index[key] = hand
      // Perhaps it has called before, and taken from the one that is shared: it must not get more by a place of its own.
      places[hand] = Place(key: key, bucket: shared[key.rule] ?? TokenBucket(at: now))
      return hand
    }
    return nil
  }
}
