import Foundation
import Synchronization
import Testing

@testable import SQLiteStorage

/// Whose turn it is to write to a file, with threads that want to all the time.
struct WriteTurnsTests {
  private final class Steps: Sendable {
    let count = Mutex(0)
    let isOver = Mutex(false)
  }

  private func busyThread(_ turns: WriteTurns, _ steps: Steps) -> DispatchSemaphore {
    let ended = DispatchSemaphore(value: 0)
    Thread {
      while !steps.isOver.withLock({ $0 }) {
        turns.beginBeside()
        steps.count.withLock { $0 += 1 }
        usleep(200)
        turns.end()
      }
      ended.signal()
    }.start()
    return ended
  }

  @Test func theLaneWaitsForOneStepAtMost() {
    let turns = WriteTurns()
    let steps = Steps()
    let threads = (0..<3).map { _ in busyThread(turns, steps) }
    while steps.count.withLock({ $0 }) == 0 { usleep(100) }
    var most = 0
    for _ in 0..<500 {
      let before = steps.count.withLock { $0 }
      turns.begin()
      most = max(most, steps.count.withLock { $0 } - before)
      turns.end()
    }
    steps.isOver.withLock { $0 = true }
    for ended in threads { ended.wait() }
    // The one under way is counted already; another may have begun before the lane stood in line.
    #expect(most <= 2)
    // Nor do those beside the lane wait for longer than one of its turns.
    #expect(steps.count.withLock { $0 } >= 400)
  }

  @Test func oneWritesAtATime() {
    let turns = WriteTurns()
    let writers = Mutex(0)
    let ended = DispatchSemaphore(value: 0)
    for isLane in [true, false, false] {
      Thread {
        for _ in 0..<500 {
          if isLane { turns.begin() } else { turns.beginBeside() }
          writers.withLock {
            $0 += 1
            #expect($0 == 1)
          }
          writers.withLock { $0 -= 1 }
          turns.end()
        }
        ended.signal()
      }.start()
    }
    for _ in 0..<3 { ended.wait() }
  }
}
