// The compiler of the contract: reads the descriptor set that protoc wrote and emits Swift and
// documentation. Not a protoc plugin, despite its name: a descriptor set carries all that it needs,
// in one file that can be kept. Before changing it: its output is committed, and
// `scripts/generate.sh --check` compares.
#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

do {
  try Generator.run(Array(CommandLine.arguments.dropFirst()))
} catch {
  print("protoc-gen-cupo: \(error)")
  exit(1)
}
