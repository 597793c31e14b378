#!/usr/bin/env bash
# Style of the Swift sources, style of the contract, and whether generated text is fresh.
set -euo pipefail
cd "$(dirname "$0")/.."
swift format lint --strict -r Package.swift Sources Tests Benchmarks Fuzz
scripts/generate.sh --check
PATH="$PWD/.venv/bin:$PATH" scripts/check-proto.sh
