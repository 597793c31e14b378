import Testing

@testable import RPC

@Suite("The server's side of a stream")
struct ServerStreamTests {
  /// Everything that can happen to a call.
  enum Input: CaseIterable {
    case part, whole, end, broken, sendHeaders, complete, fail, close
  }

  /// A model of what must hold, against which every short history is checked.
  struct Model {
    var started = 0
    var answered = 0
    var headers = 0
  }

  static let error = RPCError(code: .aborted, message: "")

  /// All histories of up to five inputs: a handler starts at most once, an answer ends at most once, and nothing
  /// comes after the end.
  @Test func everyHistoryKeepsTheRules() {
    var histories: [[Input]] = [[]]
    for _ in 0..<5 {
      histories = histories.flatMap { history in Input.allCases.map { history + [$0] } }
    }
    for history in histories { check(history) }
  }

  private func check(_ history: [Input]) {
    var machine = ServerStream(messageBytesMax: 10)
    var model = Model()
    for input in history {
      let wasOpen = machine.isOpen
      step(&machine, input, &model)
      #expect(model.started <= 1 && model.answered <= 1 && model.headers <= 1, "\(history)")
      #expect(wasOpen || !machine.isOpen, "\(history)")
    }
  }

  private func step(_ machine: inout ServerStream, _ input: Input, _ model: inout Model) {
    let wasOpen = machine.isOpen
    switch input {
    case .part: note(machine.received([0, 0], endStream: false), wasOpen, &model)
    case .whole: note(machine.received([0, 0, 0, 0, 1, 5], endStream: true), wasOpen, &model)
    case .end: note(machine.received([], endStream: true), wasOpen, &model)
    case .broken: note(machine.received([9, 0, 0, 0, 0], endStream: false), wasOpen, &model)
    case .sendHeaders: if wasOpen, machine.sendHeaders() { model.headers += 1 }
    case .complete: note(machine.completed([1]), &model)
    case .fail: note(machine.failed(Self.error), &model)
    case .close: machine.closed()
    }
  }

  private func note(_ action: ServerStream.Action, _ wasOpen: Bool, _ model: inout Model) {
    if case .start = action { model.started += 1 }
    if action != .nothing { #expect(wasOpen) }
  }

  private func note(_ answer: ServerStream.Answer, _ model: inout Model) {
    switch answer {
    case .nothing: break
    case .whole, .status:
      #expect(model.headers == 0)
      model.answered += 1
    case .trailers:
      #expect(model.headers == 1)
      model.answered += 1
    }
  }

  @Test(arguments: [
    ([], ServerStream.Action.fail(.malformedFraming)), ([0, 0, 0], .fail(.malformedFraming)),
    ([0, 0, 0, 0, 2, 1, 2], .start([1, 2], wasCompressed: false)),
    ([0, 0, 0, 0, 0], .start([], wasCompressed: false)),
    ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], .fail(.malformedFraming)),
    ([0, 0, 0, 0, 0, 1], .fail(.malformedFraming)),
    ([0, 0, 0, 0, 11], .fail(.messageTooLarge(limit: 10))),
    ([1, 0, 0, 0, 0], .fail(.malformedFraming)),
    ([2, 0, 0, 0, 0], .fail(.malformedFraming)),
  ])
  func bodiesAreJudged(body: [UInt8], action: ServerStream.Action) {
    for cut in 0...body.count {
      var machine = ServerStream(messageBytesMax: 10)
      let first = machine.received(Array(body[..<cut]), endStream: false)
      let last = machine.received(Array(body[cut...]), endStream: true)
      #expect([first, last].filter { $0 != .nothing } == [action])
    }
  }

  @Test func wholeBodiesAreReadInPlace() {
    var machine = ServerStream(messageBytesMax: 10)
    let bodies: [[UInt8]] = [
      [0, 0, 0, 0, 1], [0, 0, 0, 0, 11], [0, 0, 0, 0, 1, 5], [0, 0, 0, 0, 1, 5],
    ]
    #expect(bodies.map { machine.receivedWhole($0) } == [false, false, true, false])
  }
}
