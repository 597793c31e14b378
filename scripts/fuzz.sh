#!/usr/bin/env bash
# libFuzzer on everything that reads a stranger's bytes: HTTP/2 sessions, gRPC framing, messages. By default a fixed number
# of inputs each (about 20 s in all, beyond the build); CUPO_FUZZ_SECONDS runs each target for so long instead.
# CUPO_SEED repeats a run. What fails is left in Fuzz/FailCases/TARGET, and what lies there is tried first.
set -euo pipefail
cd "$(dirname "$0")/.."
export CUPO_FUZZ=1 SWIFT_BACKTRACE=enable=no

# lld, because gold stumbles over the sanitizers' debug information.
swift build --scratch-path .build-fuzz --product cupo-fuzz -Xswiftc -O -Xswiftc -sanitize=fuzzer,address \
  -Xswiftc -Xclang-linker -Xswiftc -fuse-ld=lld 2>&1 | grep -v "warning: Cannot export" | tail -3
fuzzer=.build-fuzz/debug/cupo-fuzz
corpus=.build-fuzz/corpus
seed=${CUPO_SEED:-$RANDOM}
"$fuzzer" seeds "$corpus"

run() {
  local target=$1 runs=$2 limit=()
  local failed=Fuzz/FailCases/$target
  mkdir -p "$failed"
  if compgen -G "$failed/*" >/dev/null; then "$fuzzer" "$target" "$failed"/*; fi
  if [ -n "${CUPO_FUZZ_SECONDS:-}" ]; then limit=("-max_total_time=$CUPO_FUZZ_SECONDS"); else limit=("-runs=$runs"); fi
  echo "== fuzz $target ${limit[*]} CUPO_SEED=$seed"
  local log=.build-fuzz/$target.log
  if ! "$fuzzer" "$target" "${limit[@]}" -seed="$seed" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$failed/" "$corpus/$target" >"$log" 2>&1; then
    tail -40 "$log"
    echo "fuzz $target: failed; the input is in $failed, the whole story in $log" >&2
    exit 1
  fi
  grep -E "^(Done|stat::number_of_executed_units|stat::peak_rss_mb)" "$log"
}

run session 30000
run framing 60000
run messages 150000
