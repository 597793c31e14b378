#!/usr/bin/env bash
# Opens many connections with one idle watch each against a server of its own, and prints what each costs in memory and
# how long one change takes to reach all of them.
#
#   scripts/bench-watch.sh [connections] [bursts]
#   scripts/bench-watch.sh fan-out [watchers] [changes/s] [seconds]
#
# With fan-out: how long each of many changes of one product takes to each of its watchers, without and with one that is
# stalled. Generator and server share the machine.
set -euo pipefail
cd "$(dirname "$0")/.."
count=${1:-10000}
[[ $count == fan-out ]] && count=$((${2:-1000} * 2))
# Both ends of every connection are on this machine, in two processes.
ulimit -n $((count + 1000)) 2>/dev/null || {
  echo "bench-watch: $count connections need $((count + 1000)) file descriptors; the limit is $(ulimit -Hn)" >&2
  exit 1
}
swift build -c release --product cupo >&2
swift build -c release --product watch-bench >&2

data=$(mktemp -d)
exec 3< <(exec .build/release/cupo serve --listen 127.0.0.1:0 --storage memory: --data "$data" \
  2>"$data/log" & echo $!; wait)
read -r -t 5 server <&3
trap 'kill "$server" 2>/dev/null; wait 2>/dev/null; rm -rf "$data"' EXIT
read -r -t 30 ready <&3 || { cat "$data/log" >&2; exit 1; }
address=$(sed -E 's/.*address=([^ ]+).*/\1/' <<<"$ready")
CUPO_TOKEN=$(.build/release/cupo token --role seller --role checkout --seller bench --subject bench --ttl 24h --data "$data")
export CUPO_TOKEN
.build/release/watch-bench "$address" "$server" "$@"
