#!/bin/sh
# Checks the public contract: its style and comments (buf lint), and that nothing which clients rely
# on went away since the last release (buf breaking). Works offline. Exit status: 0 good, 2 a tool is
# missing, buf's own (100) where the contract is not good.
set -eu
cd "$(dirname "$0")/.."

missing=0
need() {
  command -v "$1" >/dev/null 2>&1 && return
  echo "check-proto: $1 is missing; get it with: $2" >&2
  missing=1
}
need buf "pip install buf-bin (or see https://buf.build/docs/installation)"
need git "apt-get install git"
need tar "apt-get install tar"
[ "$missing" -eq 0 ] || exit 2

buf lint proto
echo "check-proto: lint passed"

if ! git rev-parse --git-dir >/dev/null 2>&1; then
  echo "check-proto: not a git repository, so there is no release to compare with; skipped breaking"
  exit 0
fi
if ! tag=$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null); then
  echo "check-proto: no release tag yet, so nothing can be broken; skipped breaking"
  exit 0
fi

# The release is unpacked beside us rather than cloned: this works in worktrees and shallow clones.
release=$(mktemp -d)
trap 'rm -rf "$release"' EXIT
git archive --output "$release/proto.tar" "$tag" proto
tar -xf "$release/proto.tar" -C "$release"
buf breaking proto --against "$release/proto"
echo "check-proto: nothing broken since $tag"
