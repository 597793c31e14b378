import RPC
import Testing

@testable import CapacityAPI

/// Who waits for a board's news.
@Suite(.timeLimit(.minutes(5)))
struct WatchQueueTests {
  // Waits in a queue by `body`, and answers what the waits came to.
  private func waiting(
    _ count: Int, readers: Bool = true, _ body: ([WatchWaiter]) -> Void
  ) async -> Int {
    var waiters: [WatchWaiter] = []
    var tasks: [Task<Bool, Never>] = []
    for id in 1...count {
      let (stream, handOver) = AsyncStream.makeStream(of: WatchWaiter.self)
      let reader = readers ? WatchReader(position: .known(1, token: [])) : nil
      tasks.append(
        Task {
          await withCheckedContinuation { continuation in
            handOver.yield(WatchWaiter(UInt64(id), reader, WaitTicket(), continuation))
          } != nil
        })
      for await waiter in stream {
        waiters.append(waiter)
        break
      }
    }
    body(waiters)
    for waiter in waiters { waiter.wake() }
    var woken = 0
    for task in tasks { woken += await task.value ? 1 : 0 }
    return woken
  }

  @Test func whoWaitsLongestIsFirst() async {
    let woken = await waiting(5) { waiters in
      var queue = WatchQueue()
      for index in [3, 0, 4, 1, 2] { queue.add(waiters[index]) }
      #expect(queue.readersCount == 5)
      #expect(queue.remove(5) != nil && queue.remove(5) == nil)
      #expect(queue.takeAll().map(\.id) == [4, 1, 2, 3])
      #expect(queue.takeAll().isEmpty && queue.readersCount == 0)
    }
    #expect(woken == 5)
  }

  @Test func arrivalsAreNoReaders() async {
    let woken = await waiting(3, readers: false) { waiters in
      var queue = WatchQueue()
      for waiter in waiters { queue.add(waiter) }
      #expect(queue.readersCount == 0 && queue.remove(2) != nil)
      #expect(queue.takeArrivals().map(\.id) == [1, 3])
      #expect(queue.takeAll().isEmpty)
    }
    #expect(woken == 0)
  }

  @Test func placesOfThoseWhoLeftAreForgotten() async {
    _ = await waiting(5 * WatchQueue.leftMax) { waiters in
      var queue = WatchQueue()
      var placesMax = 0
      for waiter in waiters {
        queue.add(waiter)
        placesMax = max(placesMax, queue.placesCount)
        #expect(queue.remove(waiter.id) === waiter)
      }
      #expect(placesMax == 2 + WatchQueue.leftMax)
      #expect(queue.takeAll().isEmpty)
    }
  }
}
