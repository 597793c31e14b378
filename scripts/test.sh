#!/usr/bin/env bash
# Every test: style and generated text, unit and contract tests, then the real binary with clients that nobody here wrote.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }

step "Swift tests"
mkdir -p .build
log=.build/swift-test.log
# Each core has a few at a time: with all of them at once those that wait for a server of theirs wait for minutes.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=$((8 * $(nproc)))
if ! swift test --parallel 2>&1 | tee "$log"; then
  step "What failed"
  grep -E "error:|recorded an issue|✘|Fatal" "$log" | tail -40
  exit 1
fi

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
