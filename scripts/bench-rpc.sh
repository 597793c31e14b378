#!/usr/bin/env bash
# Measures a unary gRPC echo of 111 bytes beside its peers, each server pinned to one core and the generator to another:
# nghttpd shaped the same (the ceiling of the HTTP/2 library), and grpc-swift-2 with its NIO transport where it is built
# (`make bench-rpc PEERS=1` builds it, which takes minutes). Compare the ratios of one run; absolute numbers are noise.
#
#   scripts/bench-rpc.sh [seconds for each run] [rounds]
#
# BENCH_JSON names a file that gets a line of JSON for each server.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-3} rounds=${2:-3}
for tool in h2load nghttpd taskset; do
  command -v "$tool" >/dev/null || {
    echo "bench-rpc: $tool is missing (Debian: nghttp2-client, nghttp2-server, util-linux)" >&2
    exit 1
  }
done
[[ $(nproc) -ge 2 ]] || { echo "bench-rpc: two cores are needed" >&2; exit 1; }

swift build -c release --product echo-server >&2
peers=Benchmarks/Peers/GRPCSwift
[[ -z ${PEERS:-} ]] || swift build -c release --package-path "$peers" >&2

work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null; rm -rf "$work"' EXIT

# One message: flag, length, and 111 bytes (field 1, 109 letters).
{ printf '\0\0\0\0\157\012\155'; printf 'x%.0s' {1..109}; } >"$work/message"
mkdir -p "$work/www/bench.Echo"
tail -c +6 "$work/message" >"$work/www/bench.Echo/Echo"

# start NAME COMMAND...: starts a server on the first core.
start() {
  taskset -c 0 "${@:2}" >"$work/$1.out" 2>"$work/$1.err" &
  pids+=($!)
}

# answers PORT: whether somebody answers there.
answers() {
  for _ in {1..100}; do
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0
    sleep 0.1
  done
  echo "bench-rpc: nobody answers on port $1" >&2
  exit 1
}

# load PORT: requests per second, having checked that each was answered by HTTP 200.
load() {
  taskset -c 1 h2load -c 8 -m 64 -t 1 -D "$seconds" --warm-up-time 1 -d "$work/message" \
    -H 'content-type: application/grpc' -H 'te: trailers' \
    "http://127.0.0.1:$1/bench.Echo/Echo" >"$work/load"
  grep -q ' 0 failed, 0 errored, 0 timeout' "$work/load" || { cat "$work/load" >&2; exit 1; }
  sed -nE 's/^finished in .*, ([0-9.]+) req\/s.*/\1/p' "$work/load"
}

start cupo .build/release/echo-server 18091
start nghttpd nghttpd --no-tls -n 1 -d "$work/www" -a 127.0.0.1 \
  --trailer 'grpc-status: 0' --mime-types-file <(echo 'application/grpc Echo') 18092
servers=(cupo nghttpd)
ports=(18091 18092)
if [[ -x $peers/.build/release/grpc-swift-echo ]]; then
  start grpc-swift-2 "$peers/.build/release/grpc-swift-echo" 18093
  servers+=(grpc-swift-2)
  ports+=(18093)
fi
for port in "${ports[@]}"; do answers "$port"; done

declare -A rates
for ((round = 1; round <= rounds; round++)); do
  for index in "${!servers[@]}"; do
    rates[${servers[index]}]+="$(load "${ports[index]}") "
  done
done

# What h2load does not look at: one call's grpc-status, and how many the server has counted.
status=$(nghttp -nv -d "$work/message" -H 'content-type: application/grpc' -H 'te: trailers' \
  http://127.0.0.1:18091/bench.Echo/Echo | grep -c 'grpc-status: 0') || true
kill -TERM "${pids[0]}" && wait "${pids[0]}" || true
echo "grpc-status 0: $([[ $status -ge 1 ]] && echo yes || echo NO); $(tail -1 "$work/cupo.out")"

median() { tr ' ' '\n' | grep . | sort -n | awk '{v[NR]=$1} END {print v[int((NR+1)/2)]}'; }
own=$(median <<<"${rates[cupo]}")
for server in "${servers[@]}"; do
  rate=$(median <<<"${rates[$server]}")
  awk -v s="$server" -v r="$rate" -v o="$own" \
    'BEGIN { printf "%-14s %8.0f/s   cupo is %.2f times that\n", s, r, o / r }'
  [[ -z ${BENCH_JSON:-} ]] || printf '{"server": "%s", "requests_per_second": %s}\n' "$server" "$rate" >>"$BENCH_JSON"
done
