#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `simulate --seed S --steps N [--seeds COUNT] [--lanes N] [--planted BUG]`: runs seeds S, S+1, … and stops at the first that breaks
/// something. The exit code is 1 then.
LastWords.prepare()
let options: Options
do throws(Options.Wrong) {
  options = try Options(CommandLine.arguments.dropFirst())
} catch {
  print(error.text)
  print(Options.usage)
  exit(2)
}
exit(Runs(options).run() ? 0 : 1)
