#!/usr/bin/env bash
# Builds what ships and packs it: `ship.sh OUT [fast]`. `make package` does it for users, `make soak` for its journeys in the
# windows: one recipe, so that what is tested is what is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --release -p countersign-cli -p countersign-desktop -p countersign-sandbox -p countersign-relay
tools/package.sh "${CARGO_TARGET_DIR:-target}/release" "$@"
