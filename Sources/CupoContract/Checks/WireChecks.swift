internal import CupoSchema
internal import Protobuf
internal import RPC

/// What a request is on the wire, for every RPC: damage is told apart from what is merely unknown.
enum WireChecks {
  static func list() -> [ContractCheck] {
    MethodSample.all.flatMap { sample in
      let path = sample.entry.path
      return [
        ContractCheck(path, "wire: unknown fields do no harm") {
          (run) async throws(CheckFailure) in
          try await unknownFields(sample, run)
        },
        ContractCheck(path, "wire: bytes that are no message") {
          (run) async throws(CheckFailure) in
          for bytes in garbage {
            try await run.caller.refused(path, bytes, [.malformedMessage])
          }
        },
        ContractCheck(path, "wire: a message that breaks off") {
          (run) async throws(CheckFailure) in
          try await truncated(sample, run)
        },
        ContractCheck(path, "wire: text that is not UTF-8") { (run) async throws(CheckFailure) in
          try await damagedText(sample, 0xff, run)
        },
        ContractCheck(path, "wire: text with a NUL") { (run) async throws(CheckFailure) in
          try await damagedText(sample, 0, run)
        },
        ContractCheck(path, "wire: a message above 4 MiB") { (run) async throws(CheckFailure) in
          try await oversized(path, run)
        },
        ContractCheck(path, "wire: a length that never comes") {
          (run) async throws(CheckFailure) in
          try await claimed(path, run)
        },
        ContractCheck(path, "wire: compressed without an encoding") {
          (run) async throws(CheckFailure) in
          try await compressed(sample, run)
        },
      ] + bombs(path)
    }
  }

  /// A length beyond the end, a wire type that does not exist, a group without end, an endless
  /// number, field number 0.
  static let garbage: [[UInt8]] = [
    [0x0a, 0xff], [0x0f], [0x0b, 0x08], [0x08] + Array(repeating: 0xff, count: 11), [0x00, 0x00],
  ]

  /// Field 19,999 of each wire type, with values.
  static let unknown: [[UInt8]] = [
    [0xf8, 0xe1, 0x09, 0x96, 0x01],
    [0xf9, 0xe1, 0x09, 1, 2, 3, 4, 5, 6, 7, 8],
    [0xfa, 0xe1, 0x09, 3, 0x61, 0x00, 0xff],
    [0xfd, 0xe1, 0x09, 1, 2, 3, 4],
  ]

  private static func unknownFields(
    _ sample: MethodSample, _ run: ContractRun
  ) async throws(CheckFailure) {
    let plain = await sample.send(run.caller, sample.valid(run))
    let answer = await sample.send(run.caller, sample.valid(run) + unknown.flatMap { $0 })
    try expect(
      plain.kind == answer.kind, "the same answer as without them: \(plain.summary)",
      got: answer.summary)
  }

  private static func truncated(
    _ sample: MethodSample, _ run: ContractRun
  ) async throws(CheckFailure) {
    // At the end of a field nothing is wrong, so the schema says which cuts are.
    let whole = sample.valid(run)
    let cuts = whole.indices.filter { sample.roundTrip(Array(whole[..<$0])) == nil }
    for cut in Set([cuts.first, cuts.dropFirst(cuts.count / 2).first, cuts.last].compactMap { $0 })
    {
      try await run.caller.refused(
        sample.entry.path, Array(whole[..<cut]), [.malformedMessage])
    }
  }

  private static func damagedText(
    _ sample: MethodSample, _ byte: UInt8, _ run: ContractRun
  ) async throws(CheckFailure) {
    var request = sample.valid(run)
    let mark = Array(run.id.utf8)
    // Every text in the request that a check has chosen begins with the run's id.
    guard let place = request.indices.first(where: { request[$0...].starts(with: mark) }) else {
      return
    }
    request[place + 1] = byte
    try await run.caller.refused(sample.entry.path, request, [.malformedMessage])
  }

  private static func oversized(_ path: String, _ run: ContractRun) async throws(CheckFailure) {
    try await run.caller.apart { (caller) async throws(CheckFailure) in
      // A well-formed field that nobody knows, so that only the size is wrong.
      let length = 4 * 1_024 * 1_024
      let head: [UInt8] = [0xfa, 0xe1, 0x09, 0x80, 0x80, 0x80, 0x02]
      let body = Caller.frame(head + [UInt8](repeating: 0x61, count: length))
      _ = try caller.judge(await caller.raw(path, body: body), path, [.messageTooLarge], nil)
    }
  }

  private static func claimed(_ path: String, _ run: ContractRun) async throws(CheckFailure) {
    try await run.caller.apart { (caller) async throws(CheckFailure) in
      let body: [UInt8] = [0, 0xff, 0xff, 0xff, 0xff, 0x0a, 0x01]
      _ = try caller.judge(
        await caller.raw(path, body: body), path, [.messageTooLarge],
        caller.reproduction(path, body))
    }
  }

  // gRPC over HTTP/2, "Compression": which of the two depends on how far a server looks.
  private static func compressed(
    _ sample: MethodSample, _ run: ContractRun
  ) async throws(CheckFailure) {
    let path = sample.entry.path
    var body = Caller.frame(sample.valid(run))
    body[0] = 1
    let answer = await run.caller.raw(path, body: body)
    guard case .error(let error) = answer,
      [.internal, .unimplemented, .invalidArgument].contains(error.code)
    else {
      throw CheckFailure(
        expected: "INTERNAL or UNIMPLEMENTED", got: answer.summary,
        reproduce: run.caller.reproduction(path, body))
    }
  }

  // MARK: Memory

  /// Where an RPC takes a list of messages: the bytes of one empty element, and the field that the
  /// list stands in.
  private static let lists: [(path: String, element: [UInt8], around: UInt8?)] = [
    (CapacityService.reserve.path, [0x12, 0], nil),
    (CapacityService.batchReserve.path, [0x0a, 0], nil),
    (CapacityService.consume.path, [0x12, 0], nil),
    (CapacityService.release.path, [0x12, 0], nil),
    (CapacityService.cancel.path, [0x1a, 0], nil),
    (AvailabilityService.batchGetAvailability.path, [0x0a, 0], nil),
    (InventoryService.putResource.path, [0x52, 0], 0x0a),
    (InventoryService.putProduct.path, [0x22, 0], 0x0a),
  ]

  private static func bombs(_ path: String) -> [ContractCheck] {
    lists.filter { $0.path == path }.map { list in
      ContractCheck(path, "wire: two million empty elements") {
        (run) async throws(CheckFailure) in
        try await run.caller.apart { (caller) async throws(CheckFailure) in
          try await bomb(list.path, list.element, list.around, caller)
        }
      }
    }
  }

  private static func bomb(
    _ path: String, _ element: [UInt8], _ around: UInt8?, _ caller: Caller
  ) async throws(CheckFailure) {
    // 2,000,000 elements: just below the limit of the message, far above that of the list.
    var message = Array(repeating: element, count: 2_000_000).flatMap { $0 }
    if let around { message = [around] + varint(message.count) + message }
    try await caller.refused(
      path, message, [.malformedMessage, .messageTooLarge, .fieldViolation])
  }

  private static func varint(_ value: Int) -> [UInt8] {
    var (rest, bytes) = (value, [UInt8]())
    while rest > 0x7f {
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
