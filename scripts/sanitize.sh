#!/usr/bin/env bash
# The tests of HTTP2 and RPC under the thread and the address sanitizer, each in a build folder of its own.
# Arguments name what to run: thread, address; both by default.
set -euo pipefail
cd "$(dirname "$0")/.."
export SWIFT_BACKTRACE=enable=no

for sanitizer in "${@:-thread address}"; do
  for one in $sanitizer; do
    echo "== $one sanitizer"
    TSAN_OPTIONS="suppressions=$PWD/scripts/thread-sanitizer.supp" ASAN_OPTIONS=detect_leaks=0 \
      swift test --scratch-path ".build-$one" --sanitize="$one" --filter "HTTP2Tests|RPCTests"
  done
done
