#!/usr/bin/env bash
# Starts a server on a fresh SQLite file, finds out what it can carry, and offers it five times as much at a pace that does not wait for
# answers. Fails unless the goodput stays over 80 % of the peak and the p99 of what is accepted under its deadline.
# Arguments: seconds, lines of each Reserve, factor, calls that one of the 16 connections may have open. CUPO_BUILD=debug measures a debug
# build, which wants fewer of these: what is in flight waits for the event loop, where nobody sees it.
# Where taskset is found and there are two processors, server and load have one each: else the load takes from the server.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${CUPO_BUILD:-release}
[[ -n ${CUPO_NO_BUILD:-} ]] || swift build -c "$build" --product cupo >&2
[[ -n ${CUPO_NO_BUILD:-} ]] || swift build -c "$build" --product overload-bench >&2

server_on=() load_on=()
if command -v taskset >/dev/null && [[ $(nproc) -ge 2 ]]; then
  server_on=(taskset -c 0) load_on=(taskset -c 1)
fi
data=$(mktemp -d)
exec 3< <(exec "${server_on[@]}" ".build/$build/cupo" serve --listen 127.0.0.1:0 \
  --max-calls-per-connection "${4:-1000}" --data "$data" 2>"$data/log")
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$data"' EXIT
read -r -t 30 ready <&3 || { cat "$data/log" >&2; exit 1; }
address=$(sed -E 's/.*address=([^ ]+).*/\1/' <<<"$ready")
CUPO_TOKEN=$(".build/$build/cupo" token --role seller --role checkout --seller bench --subject bench --ttl 24h --data "$data")
export CUPO_TOKEN
"${load_on[@]}" ".build/$build/overload-bench" "$address" "$server" "${@:-10}"
