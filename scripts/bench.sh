#!/usr/bin/env bash
# Starts a server on a fresh SQLite file and measures durable Reserves against it, beside the least that this machine needs for
# HTTP/2 alone (nghttpd with a file of 60 bytes, where it is installed); then what tokens cost. Compare ratios of one run.
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
.build/release/reserve-bench "$address" "$@" | tee "$data/rates"

if command -v nghttpd h2load >/dev/null; then
  mkdir "$data/www"
  head -c 60 /dev/zero >"$data/www/file"
  nghttpd --no-tls -n 1 -d "$data/www" -a 127.0.0.1 18094 >/dev/null 2>&1 &
  peer=$!
  sleep 0.5
  rate=$(h2load -c 8 -m 64 -t 1 -D 3 --warm-up-time 1 http://127.0.0.1:18094/file |
    sed -nE 's/^finished in .*, ([0-9.]+) req\/s.*/\1/p')
  kill "$peer"
  awk -v peer="$rate" '/streams:/ { match($0, /[0-9]+\/s/); own = substr($0, RSTART) + 0 }
    END { printf "nghttpd: %.0f/s; many streams of durable reserves are %.3f of that\n", peer, own / peer }' "$data/rates"
fi
.build/release/reserve-bench compare
