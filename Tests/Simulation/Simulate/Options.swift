import Simulation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the command line says.
struct Options {
  struct Wrong: Error { var text: String }

  static let usage = """
    usage: simulate [--seed S] [--steps N] [--seeds COUNT] [--lanes N] [--planted BUG] [--quiet]
    bugs: \(Planted.allCases.map(\.rawValue).joined(separator: ", "))
    """

  var seed: UInt64 = 1
  var steps = 10_000
  var seeds: UInt64 = 1
  var planted: Planted?
  var lanes: Int?
  var isQuiet = false

  init(_ arguments: some Sequence<String>) throws(Wrong) {
    var rest = Array(arguments)[...]
    while let name = rest.popFirst() {
      if name == "--quiet" {
        isQuiet = true
        continue
      }
      guard let value = rest.popFirst() else { throw Wrong(text: "\(name) needs a value") }
      switch name {
      case "--seed": seed = try number(value)
      case "--steps": steps = Int(try number(value))
      case "--seeds": seeds = try number(value)
      case "--lanes":
        let lanes = Int(try number(value))
        guard (1...4).contains(lanes) else { throw Wrong(text: "1 to 4 lanes") }
        self.lanes = lanes
      case "--planted":
        guard let bug = Planted(rawValue: value) else { throw Wrong(text: "no bug \(value)") }
        planted = bug
      default: throw Wrong(text: "what is \(name)?")
      }
    }
  }

  private func number(_ text: String) throws(Wrong) -> UInt64 {
    guard let number = UInt64(text), number < 1 << 60 else {
      throw Wrong(text: "not a number: \(text)")
    }
    return number
  }
}
