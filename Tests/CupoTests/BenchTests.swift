import ArgumentParser
import CupoSchema
import Load
import Protobuf
import SeededRandom
import Testing

@testable import cupo

/// What `cupo bench` sends, reads and prints.
@Suite struct BenchTests {
  // MARK: Keys

  @Test func keysInTheOrderOfTimeAreSo() throws {
    var time: Int64 = 1_800_000_000_000_000
    // The clock stands, runs, and goes back.
    var keys = BenchKeys(isRandom: false) { time }
    var last = ""
    for step in 0..<5_000 {
      time += step % 7 == 0 ? 1_000 : step % 501 == 0 ? -3_000 : 0
      let key = Self.key(&keys)
      #expect(key > last)
      #expect(key.utf8.count == 36 && Array(key)[14] == "7" && "89ab".contains(Array(key)[19]))
      last = key
    }
  }

  @Test func randomKeysAreInNoOrder() {
    var keys = BenchKeys(isRandom: true)
    let all = (0..<1_000).map { _ in Self.key(&keys) }
    #expect(Set(all).count == 1_000 && all != all.sorted())
    #expect(all.allSatisfy { Array($0)[14] == "4" && "89ab".contains(Array($0)[19]) })
  }

  private static func key(_ keys: inout BenchKeys) -> String {
    var bytes = [UInt8](repeating: 0, count: 38)
    keys.write(into: &bytes, at: 1)
    #expect(bytes[0] == 0 && bytes[37] == 0)
    return String(decoding: bytes[1..<37], as: UTF8.self)
  }

  // MARK: Requests

  private static let products = (0..<200).map { "bench-x-\(String(1_000 + $0).dropFirst())" }

  @Test func reservesDifferInKeyProductAndBuyer() throws {
    var (keys, random) = (BenchKeys(isRandom: false), BenchRandom())
    let template = ReserveTemplate(productIDs: Self.products, ttlSeconds: 5)
    var seen: Set<String> = []
    var named: Set<String> = []
    for _ in 0..<500 {
      let body = template.body(&keys, &random)
      let request = try ReserveRequest(decoding: Self.message(body).span)
      #expect(request.violations().isEmpty && request.ttl == ProtobufDuration(seconds: 5))
      #expect(seen.insert(request.idempotencyKey).inserted)
      #expect(Self.products.contains(request.lines[0].productID))
      #expect(request.buyerID.hasPrefix("bench-buyer-") && request.buyerID.utf8.count == 16)
      named.insert(request.lines[0].productID + request.buyerID)
    }
    #expect(named.count > 450)
  }

  @Test(arguments: [1, 2, 1_000])
  func aBatchIsAsManyReserves(_ size: Int) throws {
    var (keys, random) = (BenchKeys(isRandom: true), BenchRandom())
    let body = ReserveTemplate(productIDs: Self.products, batch: size).body(&keys, &random)
    let request = try BatchReserveRequest(decoding: Self.message(body).span)
    #expect(request.requests.count == size && request.violations().isEmpty)
    #expect(request.requests.allSatisfy { $0.violations().isEmpty })
    #expect(Set(request.requests.map(\.idempotencyKey)).count == size)
    #expect(request.requests.allSatisfy { Self.products.contains($0.lines[0].productID) })
  }

  @Test func whatNamesAReservationIsARequest() throws {
    var bodies = ReservationBodies()
    let ids = ["rsv_1", "rsv_22", String(repeating: "i", count: 64)]
    for id in ids { bodies.append(Array(id.utf8)) }
    #expect(bodies.count == 3)
    for (index, id) in ids.enumerated() {
      let message = Self.message(bodies.body(index))
      #expect(try ConsumeRequest(decoding: message.span).reservationID == id)
    }
  }

  private static func message(_ body: [UInt8]) -> [UInt8] {
    #expect(body[0] == 0 && body[1...4].reduce(0) { $0 << 8 | Int($1) } == body.count - 5)
    return Array(body.dropFirst(5))
  }

  // MARK: Answers

  private static func reserved(_ id: String) -> ReserveResponse {
    var response = ReserveResponse()
    response.reservation = Reservation()
    response.reservation?.reservationID = id
    response.reservation?.code = "K7QF-93MX"
    response.reservation?.lines = [ReservedLine()]
    response.replayed = true
    return response
  }

  private static func id(_ body: [UInt8]) -> [UInt8]? {
    AnswerText.reservationID(body.span)
  }

  @Test func idsAndCountsAreRead() {
    var batch = BatchReserveResponse()
    for number in 0..<300 {
      var outcome = ReserveOutcome()
      if number % 3 == 2 {
        var error = ReserveError()
        error.message = "sold out"
        outcome.outcome = .error(error)
      } else {
        outcome.outcome = .reserved(Self.reserved("r\(number)"))
      }
      batch.outcomes.append(outcome)
    }
    let body = BenchFrame.message(batch.encoded())
    var ids: [String] = []
    AnswerText.visitReservations(body.span) { ids.append(String(decoding: $0, as: UTF8.self)) }
    #expect(ids == (0..<300).filter { $0 % 3 != 2 }.map { "r\($0)" })
    let count = AnswerText.reservationsCount(body.span)
    #expect(count == 200)
    let one = BenchFrame.message(Self.reserved("rsv_7").encoded())
    #expect(Self.id(one) == Array("rsv_7".utf8))
  }

  @Test func damagedAnswersHaveNoIDs() {
    var random = SplitMix("damaged answers")
    let whole = BenchFrame.message(Self.reserved("rsv_7").encoded())
    for cut in 0..<whole.count { _ = AnswerText.reservationID(Array(whole[..<cut]).span) }
    for _ in 0..<5_000 {
      var body = whole
      for _ in 0..<3 { body[Int.random(in: body.indices, using: &random)] = random.next8() }
      _ = AnswerText.reservationID(body.span)
      _ = AnswerText.reservationsCount(body.span)
    }
    #expect(Self.id([]) == nil)
  }

  @Test func aLifecycleConsumesSevenAndReleasesTwoOfTen() {
    let calls = LifecycleCalls(ReserveTemplate(productIDs: Self.products), randomKeys: false)
    let answer = BenchFrame.message(Self.reserved("rsv_7").encoded())
    var counts = [0, 0, 0]
    while counts[0] < 5_000 {
      guard let call = calls.next() else { break }
      counts[call.tag.method] += 1
      let tally = calls.answered(call.tag, isOK: true, body: answer.span)
      #expect(tally == LoadTally())
    }
    #expect((3_300...3_700).contains(counts[1]) && (850...1_150).contains(counts[2]))
  }

  // MARK: The command

  @Test(arguments: [
    ["nothing"], ["watch", "--in-flight", "0"],
    ["reserve-hot", "--in-flight", "1001", "--connections", "1"],
    ["reserve-hot", "--in-flight", "4", "--connections", "5"], ["consume", "--duration", "1"],
    ["consume", "--duration", "2h"], ["consume", "--rate", "0"], ["consume", "--rate", "nan"],
    ["consume", "--rate", "-1"], ["consume", "--runs", "0"], ["consume", "--keys", "odd"],
    ["consume", "--target", "here"], [], ["reserve-hot", "--pools", "2"],
    ["reserve-uniform", "--pools", "0"], ["reserve-uniform", "--pools", "1000001"],
    ["availability", "--ttl", "5s"], ["reserve-hot", "--ttl", "1500ms"],
    ["reserve-hot", "--ttl", "25h"], ["reserve-hot", "--ttl", "0s"],
    ["reserve-hot", "--requests", "0"], ["consume", "--requests", "5"],
    ["batch-reserve", "--requests", "1500"], ["reserve-hot", "--shop", "Ä"],
    ["reserve-hot", "--shop", ""], ["reserve-hot", "--shop", String(repeating: "a", count: 33)],
  ])
  func wrongCommandLinesAreTold(_ arguments: [String]) {
    #expect(throws: (any Error).self) { try BenchCommand.parse(arguments) }
  }

  @Test func poolsHoldsAndNumbersAreAsAskedFor() throws {
    let command = try BenchCommand.parse([
      "reserve-uniform", "--pools", "100000", "--ttl", "24h", "--requests", "7", "--shop", "a-1",
    ])
    #expect(command.poolsCount == 100_000 && command.shop.ttlSeconds == 86_400)
    #expect(try BenchCommand.parse(["consume"]).poolsCount == 10_000)
    #expect(try BenchCommand.parse(["reserve-hot"]).poolsCount == 1)
    #expect(BenchWorkload.reserveUniform.meaning(pools: 1_000_000).contains("1,000,000 pools"))
    let template = ReserveTemplate(productIDs: Self.products)
    for source in [
      ReserveCalls(template, randomKeys: false, limit: 7) as any CallSource,
      BatchCalls(template, size: 1, randomKeys: true, limit: 7),
    ] {
      let count = (0..<20).count { _ in source.next() != nil }
      #expect(count == 7)
    }
  }

  @Test func theJSONIsTheRunInTheMiddle() throws {
    let command = try BenchCommand.parse(["reserve-hot", "--in-flight", "512", "--rate", "1000.5"])
    let runs = [30_000, 10_000, 20_000].map { requests in
      var result = LoadResult()
      (result.requests, result.calls, result.seconds) = (requests, requests, 10)
      result.successesInAll = requests + 1
      for value in 1...100 { result.latencies.record(UInt64(value * requests)) }
      return BenchReport.Run(result: result, serverSeconds: nil)
    }
    let report = BenchReport(workload: .reserveHot, options: command, runs: runs)
    guard case .object(let members) = report.json else { return }
    let found = Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.value.line) })
    let expected = [
      "workload": "\"reserve-hot\"", "in_flight": "512", "connections": "8", "rate": "1000.5",
      "requests": "20000", "errors": "0", "requests_per_second": "2000", "p50_ms": "1.004",
      "p99_ms": "1.982", "max_ms": "2", "runs": "3", "requests_per_second_min": "1000",
      "pools": "1", "successes": "60003",
      "requests_per_second_max": "3000", "server_cpu_seconds": "null",
    ]
    for (name, value) in expected { #expect(found[name] == value, "\(name)") }
    #expect(
      Set(["p90_ms", "p999_ms", "generator_cpu_seconds", "seconds"]).isSubset(of: found.keys))
    let lines = report.lines(on: Terminal(isInteractive: false, hasColor: false))
    #expect(lines.count == 7 && lines[6].hasPrefix("median"))
  }
}

extension SplitMix {
  fileprivate mutating func next8() -> UInt8 { UInt8(truncatingIfNeeded: next()) }
}
