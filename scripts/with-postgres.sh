#!/usr/bin/env bash
# Runs a command beside a PostgreSQL of its own, and leaves nothing behind.
#
#   scripts/with-postgres.sh [-c setting=value]... command [argument]...
#
# The command finds its address in CUPO_POSTGRES and its folder in CUPO_POSTGRES_FOLDER. The server lives in a temporary folder
# and listens on a Unix domain socket there, nowhere else; it does not sync, unless `-c fsync=on` says so.
set -euo pipefail

settings=(-c listen_addresses= -c fsync=off -c max_connections=200 -c logging_collector=off)
while [ "${1:-}" = "-c" ]; do
  settings+=(-c "$2")
  shift 2
done
[ $# -gt 0 ] || { echo "with-postgres.sh: no command" >&2; exit 2; }

bin="${CUPO_POSTGRES_BIN:-}"
if [ -z "$bin" ]; then
  for candidate in /usr/lib/postgresql/*/bin "$(pg_config --bindir 2>/dev/null || true)"; do
    [ -x "$candidate/initdb" ] && [ -x "$candidate/postgres" ] && bin="$candidate"
  done
fi
[ -n "$bin" ] || { echo "PostgreSQL is not installed; scripts/install.sh --test installs it." >&2; exit 1; }

# PostgreSQL refuses to run as root.
as=()
[ "$(id -u)" -ne 0 ] || as=(runuser -u postgres --)

folder="$(mktemp -d "${TMPDIR:-/tmp}/cupo-postgres.XXXXXX")"
server=""
finish() {
  status=$?
  trap - EXIT
  if [ -n "$server" ]; then
    "${as[@]}" "$bin/pg_ctl" stop -D "$folder/data" -m immediate -w -s || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$folder"
  exit "$status"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
[ ${#as[@]} -eq 0 ] || chown postgres "$folder"
chmod 755 "$folder"

cd "$folder"
"${as[@]}" "$bin/initdb" -D "$folder/data" -U cupo -A trust -E UTF8 --locale=C --no-sync >"$folder/initdb.log" 2>&1 ||
  { cat "$folder/initdb.log" >&2; exit 1; }
"${as[@]}" "$bin/postgres" -D "$folder/data" -k "$folder" "${settings[@]}" >"$folder/server.log" 2>&1 </dev/null &
server=$!
for _ in $(seq 1 300); do
  "$bin/pg_isready" -q -h "$folder" -U cupo -d postgres && break
  kill -0 "$server" 2>/dev/null || { cat "$folder/server.log" >&2; exit 1; }
  sleep 0.1
done
cd "$OLDPWD"

export CUPO_POSTGRES="postgres://cupo@/postgres?host=$folder"
export CUPO_POSTGRES_FOLDER="$folder"
"$@"
