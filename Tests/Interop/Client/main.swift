// The client of gRPC's interoperability tests on this runtime, to be set upon servers of other implementations.
//
//   interop-client --target HOST:PORT --case NAME|all
//   interop-client --list
//
// It prints `pass NAME` or `fail NAME: WHY` for each case; exit status 1 if one has failed. No part of the product. What
// the cases are is ``InteropCase``.
import Foundation

// `print` would keep the line in a buffer if a script reads it.
func write(_ line: String, to file: FileHandle) throws {
  try file.write(contentsOf: Data("\(line)\n".utf8))
}

guard let options = ClientOptions(CommandLine.arguments.dropFirst()) else {
  try write(
    "usage: interop-client --target HOST:PORT --case NAME|all\n       interop-client --list",
    to: .standardError)
  exit(64)
}
if options.isListing {
  for name in InteropCase.allCases.map(\.rawValue) { try write(name, to: .standardOutput) }
  exit(0)
}

var hasFailed = false
for chosen in options.cases {
  do {
    try await chosen.play(host: options.host, port: options.port)
    try write("pass \(chosen.rawValue)", to: .standardOutput)
  } catch {
    hasFailed = true
    try write("fail \(chosen.rawValue): \(error)", to: .standardOutput)
  }
}
exit(hasFailed ? 1 : 0)
