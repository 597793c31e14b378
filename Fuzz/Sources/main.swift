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
let kept = [arguments[0]] + arguments[2...]
var count = Int32(kept.count)
let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: kept.count + 1)
for (index, argument) in kept.enumerated() { unsafe list[index] = strdup(argument) }
unsafe list[kept.count] = nil
var pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe list
exit(unsafe LLVMFuzzerRunDriver(&count, &pointer, target))

/// libFuzzer's own main, which is linked and not run, asks for this.
@_cdecl("LLVMFuzzerTestOneInput")
func unused(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 { 0 }
