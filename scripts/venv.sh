#!/usr/bin/env bash
# Makes .venv: Python's gRPC, grpcurl, buf and pytest, pinned in Tests/EndToEnd/requirements.txt. Does nothing where
# they are there already. Says by name what is missing. Exit status: 0 there, 2 a tool is missing, 1 pip failed.
set -euo pipefail
cd "$(dirname "$0")/.."

requirements=Tests/EndToEnd/requirements.txt
stamp=.venv/requirements.txt
if [ -x .venv/bin/python ] && cmp -s "$requirements" "$stamp" && .venv/bin/python -c "" 2>/dev/null; then
  exit 0
fi

# The first that can do it: some Debian installations have python3 without its venv module.
python=
for candidate in python3 /usr/bin/python3; do
  if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "venv: Python 3.10 or later with its venv module is missing; get it with: apt-get install python3 python3-venv" >&2
  exit 2
fi

echo "venv: installing $(grep -vc '^#' "$requirements") Python packages into .venv" >&2
rm -rf .venv
"$python" -m venv .venv
if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$requirements" >&2; then
  echo "venv: pip could not install what $requirements names (is there a network, or a mirror in pip's configuration?)" >&2
  rm -rf .venv
  exit 1
fi
for tool in grpcurl buf pytest; do
  if [ ! -x ".venv/bin/$tool" ]; then
    echo "venv: $tool is missing from .venv although pip installed its package" >&2
    exit 1
  fi
done
cp "$requirements" "$stamp"
