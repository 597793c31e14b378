#!/usr/bin/env bash
# Installs the Debian packages that Cupo is built and tested with, if any is missing. Needs root (or sudo) only then.
# With --test also what the tests need. Says by name what it cannot find; installs nothing else.
set -euo pipefail

packages=(git make pkg-config libnghttp2-dev libprotobuf-c-dev libsqlite3-dev libpq-dev libjemalloc-dev zlib1g-dev tzdata)
if [ "${1:-}" = "--test" ]; then
  packages+=(openssl libprotobuf-dev protobuf-compiler protobuf-c-compiler python3 python3-venv postgresql)
fi

if ! command -v swift >/dev/null 2>&1; then
  echo "Swift is missing: Cupo needs Swift 6.2 or later; see https://www.swift.org/install/linux/ for how to get it." >&2
  exit 1
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  echo "Missing: ${missing[*]} (Debian's names). There is no apt-get here; please install them another way." >&2
  exit 1
fi
root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "Missing: ${missing[*]}. Install them as root: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  root=(sudo)
fi
echo "Installing ${missing[*]}" >&2
"${root[@]}" apt-get update -qq >&2
DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
