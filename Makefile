# Cupo's tasks. `make help` lists them.

SHELL := /bin/bash
RELEASE := .build/release/cupo
LISTEN ?= 127.0.0.1:50051
DATA ?= ./cupo-data

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the tasks
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

.PHONY: run
run: build ## Install what is missing, build, and serve on 127.0.0.1:50051 with the catalogues of examples/
	exec $(RELEASE) serve --listen $(LISTEN) --data $(DATA) --apply examples

.PHONY: test
test: tools ## Install what is missing, build, and pass every test
	scripts/test.sh

.PHONY: check
check: ## The quick look before a commit: lint, generated text, unit tests
	scripts/lint.sh
	swift test --parallel --skip Contract

.PHONY: soak
soak: build tools ## The long tests: fuzzers for 10 minutes each, sanitizers, 10 million simulated steps, 5 minutes of mixed calls, many crash rounds
	CUPO_FUZZ_SECONDS=$${CUPO_FUZZ_SECONDS:-600} scripts/fuzz.sh
	scripts/sanitize.sh
	$(MAKE) simulate
	CUPO_SOAK_SECONDS=$${CUPO_SOAK_SECONDS:-300} swift test --filter "SoakTests|IdentityTests.FuzzTests"
	CUPO_CRASH_ROUNDS=$${CUPO_CRASH_ROUNDS:-100} CUPO_TEST_SECONDS=$${CUPO_TEST_SECONDS:-1800} \
	  CUPO_HOLDS=$${CUPO_HOLDS:-1000000} .venv/bin/python -m pytest -q Tests/EndToEnd

.PHONY: simulate
simulate: deps ## Simulate: SEEDS runs (1,000) of STEPS steps (10,000) from SEED on (today's date)
	swift build -c release --product simulate --scratch-path .build-simulate
	.build-simulate/release/simulate --quiet --seed $${SEED:-$$(date +%Y%m%d000)} --seeds $${SEEDS:-1000} --steps $${STEPS:-10000}

.PHONY: bench
bench: build ## Measure every workload beside nghttpd, with PEERS=1 beside grpc-swift-2 and SQL by hand, too; write docs/performance.md
	scripts/bench.py $(if $(PEERS),--peers)

.PHONY: bench-growth
bench-growth: build ## Measure with up to 10 million reservations, 100,000 pools, 10,000 connections; write docs/performance.md
	scripts/growth.py

.PHONY: slo
slo: build tools ## Validate the service levels of docs/slo.md: pass or fail for each
	scripts/slo.py

.PHONY: bench-overload
bench-overload: build ## Measure what is left of a server at five times the load that it can carry
	scripts/bench-overload.py

.PHONY: bench-calendar
bench-calendar: deps ## Measure: a year of quarter hours through the evaluator, without the wire
	swift build -c release --product calendar-bench
	.build/release/calendar-bench

.PHONY: bench-rpc
bench-rpc: deps ## Measure a unary echo beside nghttpd, and with PEERS=1 beside grpc-swift-2
	scripts/bench-rpc.sh

.PHONY: bench-token
bench-token: deps ## Measure what a token on every call costs
	swift build -c release --product token-bench
	.build/release/token-bench

.PHONY: bench-watch
bench-watch: deps ## Measure 10,000 watches (memory, a change to all), then 1,000 changes/s to 1,000 watchers
	scripts/bench-watch.sh
	scripts/bench-watch.sh fan-out

.PHONY: build
build: deps ## Build in release mode
	swift build -c release --product cupo

.PHONY: proto
proto: tools ## Generate Swift, C and docs/reference from proto/
	scripts/generate.sh

.PHONY: format
format: ## Format the Swift sources
	git ls-files -z "*.swift" | xargs -0 swift format -i

.PHONY: deps
deps:
	@scripts/install.sh

.PHONY: tools
tools:
	@scripts/install.sh --test
	@scripts/venv.sh

.PHONY: clean
clean: ## Remove everything that was built
	rm -rf .build .build-* .venv
