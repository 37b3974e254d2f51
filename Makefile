# Every target works from a fresh clone. `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Outside the tree, so that a second clone builds in seconds.
export COUNTERSIGN_CACHE ?= $(HOME)/.cache/countersign
export CARGO_TARGET_DIR ?= $(COUNTERSIGN_CACHE)/target

VENV := $(COUNTERSIGN_CACHE)/venv
# What the system has comes first; the pinned programs of the virtual environment fill the gaps.
export PATH := $(PATH):$(VENV)/bin
export COUNTERSIGN_BIN := $(CARGO_TARGET_DIR)/debug/countersign
export COUNTERSIGN_DESKTOP := $(CARGO_TARGET_DIR)/debug/countersign-desktop
export COUNTERSIGN_PYTHON := $(VENV)/bin/python

.PHONY: help run exchange build window package test soak check testwindow advisories bench fuzz vectors contract screens clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

run: ## Open the application; without a display, perform one complete exchange in a terminal
	@case "$$(uname -s)" in Linux) display="$${DISPLAY:-}$${WAYLAND_DISPLAY:-}";; *) display=here;; esac; \
	if [ -n "$$display" ]; then $(MAKE) window; else \
		echo "There is no display here, so the application cannot open a window. The same exchange, in this terminal:"; \
		$(MAKE) exchange; fi

exchange: build ## Perform one complete exchange in a fresh folder and show every command
	@cargo build -p countersign-relay
	@python3 -B tools/exchange.py --bin "$(COUNTERSIGN_BIN)" --keep

build: ## Build the command line
	@tools/prepare.sh build
	@cargo build -p countersign-cli

window: ## Build the application and open it
	@tools/prepare.sh window
	@cargo build -p countersign-cli -p countersign-desktop -p countersign-sandbox
	@exec "$(COUNTERSIGN_DESKTOP)"

package: ## Build two .debs, desk and relay, and a tarball; they lie in the cache under package
	@tools/prepare.sh window
	@tools/ship.sh "$(COUNTERSIGN_CACHE)/package"

test: ## Run every kind of test
	@tools/prepare.sh screen
	@tools/test.sh

soak: ## The same with full counts and more samples: hours
	@tools/prepare.sh screen
	@COUNTERSIGN_SOAK=1 COUNTERSIGN_INTEROP_COUNT=10000 tools/test.sh soak

check: ## Format, lints, licences
	@tools/prepare.sh check
	cargo fmt --all --check
	cargo clippy --workspace --features countersign-tests/window --all-targets -- -D warnings
	cargo clippy -p countersign-cli --features mutants --all-targets -- -D warnings
	@if command -v cargo-deny >/dev/null; then cargo deny check bans licenses sources; \
	else echo "cargo-deny is not installed: licences and sources were not checked"; fi
	@cd ui && npx --no-install svelte-check --tsconfig ./tsconfig.json --fail-on-warnings --output human

testwindow: ## Only the tests of the window: access list, journeys in the real windows, pages in a browser, packages
	@tools/prepare.sh screen
	@cargo build -p countersign-desktop -p countersign-cli -p countersign-tests --bins
	@cargo nextest run -p countersign-desktop -p countersign-tests --features countersign-tests/window \
		-E 'package(countersign-desktop) or binary(windows) or binary(pages) or binary(package)'

advisories: ## Known weaknesses in dependencies (fetches the RustSec database)
	@tools/prepare.sh check
	cargo deny check advisories

# The windows are measured as they ship, beside an empty one that is built in the same step.
bench: released := $(CARGO_TARGET_DIR)/release
bench: ## Seal, open, append, the relay, the windows: each beside what it cannot do without
	@tools/prepare.sh screen
	cargo build --release -p countersign-cli -p countersign-desktop -p countersign-sandbox -p countersign-empty
	cargo build --release -p countersign-tests --bin bench --bin bench_log --bin bridge
	@"$(released)/bench"
	@"$(released)/bench_log"
	@cargo bench -q -p countersign-relay --bench relay
	@node tests/pages/weight.mjs
	@python3 -B tests/windows/speed.py --desktop "$(released)/countersign-launch" --empty "$(released)/countersign-empty" \
		--command "$(released)/countersign" || [ $$? = 3 ]
	@COUNTERSIGN_BENCH=1 COUNTERSIGN_BRIDGE="$(released)/bridge" COUNTERSIGN_BIN="$(released)/countersign" node tests/pages/run.mjs scroll

FUZZ_SECONDS ?= 60
fuzz: ## Every fuzz target for FUZZ_SECONDS (60) each; needs cargo-fuzz and a nightly compiler
	@command -v cargo-fuzz >/dev/null || { echo "cargo-fuzz is missing. Install it: cargo install cargo-fuzz --locked"; exit 1; }
	@for target in $$(cargo +nightly fuzz list); do \
		echo "fuzz: $$target"; cargo +nightly fuzz run "$$target" -- -max_total_time=$(FUZZ_SECONDS); done

vectors: ## Write spec/vectors again; they change only with the pages beside them
	@tools/prepare.sh build
	cargo run -p countersign-tests --bin vectors spec/vectors
	@git diff --stat -- spec/vectors

contract: ## Write the pages' types and the windows' calls again, from crates/contract
	@tools/prepare.sh build
	cargo run -q -p countersign-contract --features typescript --bin contract-write .
	@git diff --stat -- ui/src/lib/contract.ts src-tauri/capabilities

screens: ## Take the pictures of every screen again, from the real window, into docs/screens
	@tools/prepare.sh screen
	@cargo build -p countersign-desktop -p countersign-sandbox -p countersign-cli -p countersign-relay
	@python3 -B tests/windows/screens.py --desktop "$(dir $(COUNTERSIGN_DESKTOP))countersign-launch" --command "$(COUNTERSIGN_BIN)" docs/screens

clean: ## Remove what was built, and the Python packages
	cargo clean
	rm -rf "$(VENV)"
