// Inputs by libFuzzer for everything that reads what a stranger sends. Built only where CUPO_FUZZ is set; scripts/fuzz.sh
// builds and runs it. `cupo-fuzz TARGET [libFuzzer's options] [CORPUS...]`, or `cupo-fuzz seeds FOLDER` to write the
// inputs to begin with.
//
// A target answers nothing: a trap, an address error, an endless loop or endless memory is the failure. What must hold
// beyond that is a `precondition` in the target.
internal import CFuzzer
internal import Foundation

let targets: [String: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32] = unsafe [
  "session": { unsafe SessionFuzz.run(UnsafeBufferPointer(start: $0, count: $1)) },
  "framing": { unsafe FramingFuzz.run(UnsafeBufferPointer(start: $0, count: $1)) },
  "messages": { unsafe MessageFuzz.run(UnsafeBufferPointer(start: $0, count: $1)) },
]

let arguments = CommandLine.arguments
if arguments.count == 3, arguments[1] == "seeds" {
  try Seeds.write(to: arguments[2])
  exit(0)
}
guard arguments.count > 1, let target = unsafe targets[arguments[1]] else {
  print("cupo-fuzz session|framing|messages [OPTION...] [CORPUS...] or cupo-fuzz seeds FOLDER")
  exit(64)
}
// libFuzzer reads its options from the first argument on; the target's name is not for it.
var rest = unsafe ([arguments[0]] + arguments[2...]).map { unsafe strdup($0) } + [nil]
var count = Int32(rest.count - 1)
let status = unsafe rest.withUnsafeMutableBufferPointer { list in
  var pointer = unsafe list.baseAddress
  return unsafe LLVMFuzzerRunDriver(&count, &pointer, target)
}
exit(status)
