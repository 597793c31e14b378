internal import ArgumentParser

/// A number of bytes on the command line: `500MB`, `2GiB`, `1048576`.
struct SizeArgument: ExpressibleByArgument, Equatable {
  let bytes: Int

  private static let units: [(suffix: String, bytes: Int)] = [
    ("", 1), ("B", 1), ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000), ("KIB", 1 << 10), ("MIB", 1 << 20), ("GIB", 1 << 30),
    ("TIB", 1 << 40),
  ]

  init?(argument: String) {
    let digits = argument.prefix { $0.isASCII && $0.isNumber }
    let suffix = argument.dropFirst(digits.count).uppercased()
    guard let number = Int(digits), let unit = Self.units.first(where: { $0.suffix == suffix })
    else { return nil }
    let (bytes, isTooMuch) = number.multipliedReportingOverflow(by: unit.bytes)
    guard !isTooMuch else { return nil }
    self.bytes = bytes
  }
}
