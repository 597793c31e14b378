#!/bin/sh
# Writes all that is generated from proto/: the C of protoc-c, the Swift of protoc-gen-cupo, docs/reference; and from
# Tests/Interop/proto the same for gRPC's test service, but no pages.
# With --check it changes nothing, and fails (status 1) where what is committed differs.
# Status 2: a tool is missing. The C is that of protobuf-c 1.4 and protoc 3.21 (Debian 12); others differ in details.
set -eu
cd "$(dirname "$0")/.."
export LC_ALL=C

check=no
case "${1:-}" in
  --check) check=yes ;;
  "") ;;
  *) echo "usage: scripts/generate.sh [--check]" >&2; exit 64 ;;
esac

missing=0
need() {
  command -v "$1" >/dev/null 2>&1 && return
  echo "generate: $1 is missing; get it with: $2" >&2
  missing=1
}
need protoc "apt-get install protobuf-compiler"
need protoc-c "apt-get install protobuf-c-compiler"
need swift "https://www.swift.org/install (Swift 6.3)"
# protoc finds the well-known files beside itself, wherever it is installed; Debian has them in a package of their own.
if protoc=$(command -v protoc) && ! [ -e "${protoc%/*}/../include/google/protobuf/any.proto" ]; then
  echo "generate: google/protobuf/any.proto is missing; get it with: apt-get install libprotobuf-dev" >&2
  missing=1
fi
[ "$missing" -eq 0 ] || exit 2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

swift build --product protoc-gen-cupo >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 1; }
generator="$(swift build --show-bin-path)/protoc-gen-cupo"

cupo=$(cd proto && find cupo -name '*.proto' | sort)
rpc=$(cd proto && find google grpc -name '*.proto' | sort)
known="google/protobuf/any.proto google/protobuf/descriptor.proto
  google/protobuf/duration.proto google/protobuf/timestamp.proto"

protoc -I proto --include_imports --include_source_info \
  --descriptor_set_out "$work/descriptors.pb" $cupo $rpc $known
"$generator" strings "$work/descriptors.pb" "$work/marked.pb"

# gRPC's test service has a descriptor set of its own: the product's knows nothing of it.
interop=$(cd Tests/Interop/proto && find grpc -name '*.proto' | sort)
protoc -I Tests/Interop/proto --include_imports --include_source_info \
  --descriptor_set_out "$work/interop.pb" $interop
"$generator" strings "$work/interop.pb" "$work/interop-marked.pb"

# wire SET FOLDER "MODULES THAT IT BUILDS ON" FILES...: the C structs of some proto files.
wire() {
  set=$1
  folder=$2
  module=${2##*/}
  imports=$3
  shift 3
  to="$work/out/$folder"
  mkdir -p "$to/include" "$work/c"
  protoc-c --descriptor_set_in="$work/$set.pb" --c_out="$work/c" "$@"
  {
    echo "// The modules that these headers build on. Imported, not included, so that each declaration"
    echo "// has one home."
    echo "#pragma once"
    echo "#if __has_feature(modules)"
    for import in $imports; do echo "#pragma clang module import $import"; done
    echo "#endif"
  } >"$to/include/$module.h"
  {
    echo "module $module {"
    echo "  header \"$module.h\""
    for file in "$@"; do echo "  header \"${file%.proto}.pb-c.h\""; done
    echo "  export *"
    echo "}"
  } >"$to/include/module.modulemap"
  for file in "$@"; do
    mkdir -p "$to/include/$(dirname "$file")" "$to/$(dirname "$file")"
    cp "$work/c/${file%.proto}.pb-c.h" "$to/include/${file%.proto}.pb-c.h"
    cp "$work/c/${file%.proto}.pb-c.c" "$to/${file%.proto}.pb-c.c"
  done
}
wire marked Sources/WellKnownWire "CProtobufC" $known
wire marked Sources/RPCWire "CProtobufC WellKnownWire" $rpc
wire marked Sources/CupoWire "CProtobufC WellKnownWire" $cupo
wire interop-marked Tests/Interop/InteropWire "CProtobufC" $interop

# messages SET FOLDER: the Swift of a module.
messages() {
  mkdir -p "$work/out/$2/Generated"
  "$generator" swift "$work/$1.pb" "${2##*/}" "$work/out/$2/Generated"
}
for module in Protobuf RPCSchema CupoSchema; do messages descriptors "Sources/$module"; done
messages interop Tests/Interop/InteropSchema

mkdir -p "$work/out/docs/reference"
"$generator" reference "$work/descriptors.pb" "$work/out/docs/reference"

folders="Sources/WellKnownWire Sources/RPCWire Sources/CupoWire Sources/Protobuf/Generated
  Sources/RPCSchema/Generated Sources/CupoSchema/Generated docs/reference
  Tests/Interop/InteropWire Tests/Interop/InteropSchema/Generated"
stale=0
for folder in $folders; do
  if [ "$check" = yes ]; then
    diff -r -q "$folder" "$work/out/$folder" >&2 || stale=1
  else
    mkdir -p "$(dirname "$folder")"
    rm -rf "$folder"
    cp -R "$work/out/$folder" "$folder"
  fi
done
if [ "$stale" -ne 0 ]; then
  echo "generate: what is committed is not what proto/ says; run make proto" >&2
  exit 1
fi
