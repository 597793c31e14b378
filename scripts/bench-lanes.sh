#!/usr/bin/env bash
# Two servers on one PostgreSQL, each with the callers of one seller: what several lanes are worth to them. Prints Reserves a second of both
# together, with one lane and with two, in turns.
#
#   scripts/bench-lanes.sh [seconds of each run] [calls in flight, both together]
#
# CUPO_BINARY names another executable than the release build's.
set -euo pipefail
cd "$(dirname "$0")/.."
cupo="${CUPO_BINARY:-.build/release/cupo}"
if [ -z "${CUPO_POSTGRES:-}" ]; then
  [ -n "${CUPO_BINARY:-}" ] || swift build -c release --product cupo >&2
  exec scripts/with-postgres.sh -c fsync=on -c shared_buffers=512MB -c max_wal_size=4GB -c min_wal_size=4GB "$0" "$@"
fi
seconds="${1:-6}" streams="${2:-512}"
# Of two lanes each has one.
sellers=(red blue)
work=$(mktemp -d)
servers=()
finish() {
  for server in "${servers[@]}"; do
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap finish EXIT

for node in 0 1; do
  mkdir "$work/$node"
  mkfifo "$work/$node/ready"
  "$cupo" serve --listen 127.0.0.1:0 --storage "$CUPO_POSTGRES" --data "$work/$node" >"$work/$node/ready" 2>"$work/$node/log" &
  servers+=($!)
  read -r -t 30 ready <"$work/$node/ready" || { cat "$work/$node/log" >&2; exit 1; }
  sed -E 's/.*address=([^ ]+).*/\1/' <<<"$ready" >"$work/$node/address"
  "$cupo" token --role seller --role checkout --seller "${sellers[$node]}" --subject bench --ttl 24h \
    --data "$work/$node" >"$work/$node/token"
done

# Both at once; the name of the shop stays, so that only the first run makes it.
run() {
  local node runs=()
  for node in 0 1; do
    CUPO_TOKEN=$(cat "$work/$node/token") "$cupo" bench "$1" --target "$(cat "$work/$node/address")" --seller "${sellers[$node]}" \
      --shop "lanes-$node" --in-flight $((streams / 2)) --duration "${seconds}s" --keys random --json >"$work/$node/result" &
    runs+=($!)
  done
  wait "${runs[@]}"
  cat "$work"/?/result | sed -nE 's/.*"requests_per_second": ([0-9]+).*/\1/p' | awk '{ sum += $1 } END { print sum }'
}

for workload in reserve-hot reserve-uniform; do
  run "$workload" >/dev/null
  for lanes in 1 2 2 1; do
    "$cupo" migrate --storage "$CUPO_POSTGRES" --lanes "$lanes" >/dev/null
    sleep 1
    echo "$workload, $lanes $([ "$lanes" = 1 ] && echo lane || echo lanes): $(run "$workload")/s"
  done
done
