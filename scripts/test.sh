#!/usr/bin/env bash
# Every test: style and generated text, unit and contract tests, then the real binary with clients that nobody here wrote.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }

# Some suites only compute, for minutes: beside them those that wait for a server of their own would wait for as long. And of these
# each core has a few at a time.
swift_tests() {
  step "Swift tests: $1"
  shift
  if ! swift test --parallel "$@" 2>&1 | tee "$log"; then
    step "What failed"
    grep -E "error:|recorded an issue|✘|Fatal" "$log" | tail -40
    exit 1
  fi
}

mkdir -p .build
log=.build/swift-test.log
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=$((8 * $(nproc)))
computing='^(CapacityTests|SimulationTests)\.'
swift_tests "what only computes" --filter "$computing"
swift_tests "everything else" --skip "$computing"

step "Style, contract and generated text"
scripts/lint.sh

step "The scripts that measure and draw"
.venv/bin/python -m pytest -q Tests/Scripts

step "Fuzzers, a fixed number of inputs"
scripts/fuzz.sh

step "The real binary, real sockets, foreign clients"
swift build -c release --product cupo
.venv/bin/python -m pytest -q Tests/EndToEnd

step "What a Reserve costs, in counts"
scripts/reserve-cost.py

step "gRPC's interoperability tests, both ways"
swift build --product interop-server
swift build --product interop-client
.venv/bin/python -m pytest -q Tests/Interop
