#!/usr/bin/env bash
# Starts a server on a fresh SQLite file and measures durable Reserves against it; then what tokens cost.
set -euo pipefail
cd "$(dirname "$0")/.."
swift build -c release --product cupo >&2
swift build -c release --product reserve-bench >&2

data=$(mktemp -d)
exec 3< <(exec .build/release/cupo serve --listen 127.0.0.1:0 --data "$data" 2>"$data/log")
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$data"' EXIT
read -r -t 30 ready <&3 || { cat "$data/log" >&2; exit 1; }
address=$(sed -E 's/.*address=([^ ]+).*/\1/' <<<"$ready")
CUPO_TOKEN=$(.build/release/cupo token --role admin --subject bench --ttl 24h --data "$data")
export CUPO_TOKEN
.build/release/reserve-bench "$address" "$@"
.build/release/reserve-bench compare
