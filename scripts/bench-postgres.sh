#!/usr/bin/env bash
# Cupo on PostgreSQL beside the best SQL written by hand, on the same server in the same run; prints both and their ratio.
#
#   scripts/bench-postgres.sh [seconds of each run] [calls in flight]
#
# The baseline is pgbench, 16 clients: one prepared statement for each reservation that takes a unit where enough is left, inserts the
# reservation with its unique key, and inserts the outbox row. PostgreSQL syncs (fsync=on) for both, and writes over its log's segments.
#
# CUPO_BINARY names another executable than the release build's; BENCH_JSON a file that gets a line of JSON for each number of pools.
set -euo pipefail
cd "$(dirname "$0")/.."
cupo="${CUPO_BINARY:-.build/release/cupo}"
if [ -z "${CUPO_POSTGRES:-}" ]; then
  [ -n "${CUPO_BINARY:-}" ] || swift build -c release --product cupo >&2
  exec scripts/with-postgres.sh -c fsync=on -c shared_buffers=512MB -c max_wal_size=4GB -c min_wal_size=4GB "$0" "$@"
fi
seconds="${1:-10}" streams="${2:-512}"
work=$(mktemp -d)
server=""
finish() {
  [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
  rm -rf "$work"
}
trap finish EXIT

psql -q "$CUPO_POSTGRES" <<'SQL'
CREATE SCHEMA baseline;
CREATE TABLE baseline.pool (id int PRIMARY KEY, remaining bigint NOT NULL) WITH (fillfactor = 50);
CREATE TABLE baseline.reservation (
  id bigserial PRIMARY KEY, key uuid UNIQUE NOT NULL, pool int NOT NULL, buyer text NOT NULL, quantity bigint NOT NULL,
  expires_at timestamptz NOT NULL);
CREATE TABLE baseline.outbox (id bigserial PRIMARY KEY, reservation bigint NOT NULL, body text NOT NULL);
INSERT INTO baseline.pool SELECT n, 1000000000 FROM generate_series(1, 10000) n;
VACUUM ANALYZE baseline.pool;
-- A server that has run for a while writes over the segments of its log; a new one makes, zeroes and syncs each of them.
CREATE TABLE baseline.filler AS SELECT repeat(md5(n::text), 60) FROM generate_series(1, 500000) n;
DROP TABLE baseline.filler;
CHECKPOINT;
SQL
cat >"$work/reserve.sql" <<'SQL'
\set pool random(1, :pools)
WITH taken AS (
  UPDATE baseline.pool SET remaining = remaining - 1 WHERE id = :pool AND remaining >= 1 RETURNING id),
made AS (
  INSERT INTO baseline.reservation (key, pool, buyer, quantity, expires_at)
  SELECT gen_random_uuid(), id, 'bench-buyer', 1, clock_timestamp() + interval '15 minutes' FROM taken RETURNING id)
INSERT INTO baseline.outbox (reservation, body) SELECT id, '{"kind": "held", "quantity": 1}' FROM made;
SQL

baseline() {
  pgbench -n -M prepared -c 16 -j 2 -T "$seconds" -D pools="$1" -f "$work/reserve.sql" "$CUPO_POSTGRES" 2>/dev/null |
    sed -nE 's/^tps = ([0-9]+).*/\1/p'
}

mkfifo "$work/ready"
"$cupo" serve --listen 127.0.0.1:0 --storage "$CUPO_POSTGRES" --data "$work" >"$work/ready" 2>"$work/log" &
server=$!
read -r -t 30 ready <"$work/ready" || { cat "$work/log" >&2; exit 1; }
address=$(sed -E 's/.*address=([^ ]+).*/\1/' <<<"$ready")
CUPO_TOKEN=$("$cupo" token --role seller --role checkout --seller bench --subject bench --ttl 24h --data "$work")
export CUPO_TOKEN

for pools in 1 10000; do
  base=$(baseline "$pools")
  echo "$pools pools, SQL by hand, 16 clients: $base/s"
  workload=$([ "$pools" = 1 ] && echo reserve-hot || echo reserve-uniform)
  "$cupo" bench "$workload" --target "$address" --in-flight "$streams" --duration "${seconds}s" --keys random \
    --json >"$work/result"
  rate=$(sed -nE 's/.*"requests_per_second": ([0-9]+).*/\1/p' "$work/result")
  echo "$pools pools, Cupo, $streams in flight: $rate/s, p99 $(sed -nE 's/.*"p99_ms": ([0-9.]+).*/\1/p' "$work/result") ms"
  awk -v pools="$pools" -v a="$rate" -v b="$base" 'BEGIN { printf "%d pools: Cupo makes %.1f times as many\n", pools, a / b }'
  [ -z "${BENCH_JSON:-}" ] || echo "{\"pools\": $pools, \"sql\": $base, \"cupo\": $(tr -d '\n' <"$work/result")}" >>"$BENCH_JSON"
done
