import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import RPC

/// Work from other threads: in order, and in portions, so that nothing else on the loop waits for all of it.
@Suite(.timeLimit(.minutes(5)))
struct LoopInboxTests {
  @Test func aCrowdOfWorkIsDoneInOrderAndLetsOthersIn() async throws {
    let count = 10_000
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let executor = try await loop.submit { LoopExecutor(eventLoop: loop) }.get()
    let done = Mutex<[Int]>([])
    // All of it comes in one go: the loop is busy meanwhile.
    let between = try await loop.submit { () -> EventLoopFuture<Int> in
      for number in 0..<count { executor.submit { done.withLock { $0.append(number) } } }
      return loop.submit { done.withLock(\.count) }
    }.get().get()
    #expect(between > 0 && between < count)
    while done.withLock(\.count) < count { try await Task.sleep(for: .milliseconds(1)) }
    #expect(done.withLock { $0 } == Array(0..<count))
  }
}
