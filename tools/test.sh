#!/usr/bin/env bash
# Runs every test of the workspace: `test.sh [PROFILE]`, where PROFILE is one of .config/nextest.toml.
#
# Called by `make test` and `make soak`, which set CARGO_TARGET_DIR, COUNTERSIGN_BIN and COUNTERSIGN_PYTHON. Ends with
# the counts, whichever runner was there.
set -euo pipefail

profile=${1:-default}
log=$(mktemp)
# What cannot be tried on this machine says so here, one line each: it has not passed, though no runner knows.
export COUNTERSIGN_SKIPS=$log.skips
: >"$COUNTERSIGN_SKIPS"
packed=$(mktemp -d)
trap 'rm -rf "$log" "$COUNTERSIGN_SKIPS" "$packed"' EXIT

# What nextest writes about each test; it keeps that inside the tree, wherever the rest is built.
report=$(dirname "$0")/../target/nextest/$profile/junit.xml
rm -f "$report"

all=(--workspace --features countersign-tests/window)

cargo build --workspace --bins
# Programs with one promise broken each, beside the real one: the tests that guard it must turn red on them.
cargo build -p countersign-cli --features mutants --bin countersign-mutant-release-first --bin countersign-mutant-normal-sync

# The packages, and unpacked: the tests of the packages look into them, the journeys in the windows run on the programs in
# them. A soak builds them as `make package` does, which takes a quarter of an hour on two cores; otherwise they are made of
# what was built here: the same sources and features, not optimised.
if [ -n "${COUNTERSIGN_SOAK:-}" ]; then
    tools/ship.sh "$packed" fast
else
    tools/package.sh "${CARGO_TARGET_DIR:-target}/debug" "$packed" fast
fi
mkdir "$packed/unpacked"
tar -C "$packed/unpacked" --strip-components 1 -xzf "$packed"/countersign-*.tar.gz
export COUNTERSIGN_PACKAGES=$packed COUNTERSIGN_SHIPPED=$packed/unpacked

code=0
if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run "${all[@]}" --profile "$profile" 2>&1 | tee "$log" || code=$?
    # nextest: "Summary [ 12.3s] 812 tests run: 811 passed (1 slow), 1 failed, 2 skipped"
    counts=$(sed 's/\x1b\[[0-9;]*m//g' "$log" | grep -E 'Summary \[' | tail -n 1 || true)
    number() { printf '%s' "$counts" | grep -oE "[0-9]+ $1" | cut -d' ' -f1 || true; }
    passed=$(number passed) failed=$(number failed) timed_out=$(number 'timed out') skipped=$(number skipped)
    failed=$((${failed:-0} + ${timed_out:-0}))
else
    cargo test "${all[@]}" --no-fail-fast 2>&1 | tee "$log" || code=$?
    # libtest: "test result: ok. 12 passed; 0 failed; 1 ignored; ..."
    total() { grep -oE "[0-9]+ $1" <(grep '^test result:' "$log") | awk '{n += $1} END {print n + 0}'; }
    passed=$(total passed) failed=$(total failed) skipped=$(total ignored)
fi

untried=$(wc -l <"$COUNTERSIGN_SKIPS")
passed=$((${passed:-0} - untried)) skipped=$((${skipped:-0} + untried))
[ "$untried" = 0 ] || sed 's/^/skipped: /' "$COUNTERSIGN_SKIPS"

# A run that ended before it counted has failed, whatever it said.
if [ "$passed" -le 0 ]; then
    [ "$code" != 0 ] || code=1
fi
[ ! -s "$report" ] || python3 tools/failures.py "$report"
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "${failed:-0}" "$skipped"
exit "$code"
