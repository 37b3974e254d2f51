#!/usr/bin/env bash
# Makes two .debs and a tarball of what was built: `package.sh TARGET OUT [fast]`.
#
# TARGET is the folder of cargo with the programs, OUT is where the packages go. `fast` compresses little, for tests.
# One .deb is for whoever works at a desk, the other has the relay, for a server that has no display. The tarball holds the
# files of both: under a folder of its own what they put under /usr. Nothing in them depends on when, where and by whom they
# were built, apart from the programs themselves.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
target=${1:?package.sh TARGET OUT [fast]}
out=${2:?package.sh TARGET OUT [fast]}
level=${3:-}
about=$root/tools/package

fail() { printf 'package: %s\n' "$1" >&2; exit 1; }

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$root/Cargo.toml" | head -n 1)
# Every file carries the day of the last change.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || stat -c %Y "$root/CHANGELOG.md")}
export SOURCE_DATE_EPOCH
umask 022

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
desk=$work/desk relay=$work/relay
tree=$desk
mkdir -p "$desk" "$relay" "$out"

# put MODE FROM TO: a file of the package.
put() { install -D -m "$1" "$2" "$tree/$3"; }

put_programs() {
    put_program countersign bin/countersign
    # Who starts the window starts what looks for its sandbox first; the window itself is nobody's to start.
    put_program countersign-launch bin/countersign-desktop
    put_program countersign-desktop lib/countersign/countersign-desktop
}

put_program() {
    [ -x "$target/$1" ] || fail "there is no $1 in $target: build it first"
    put 755 "$target/$1" "$2"
    ! command -v strip >/dev/null || strip --strip-unneeded --remove-section=.comment "$tree/$2"
}

# What the command line writes about itself.
put_manuals() {
    mkdir -p "$work/man"
    "$target/countersign" man --out "$work/man" >/dev/null
    local page
    for page in "$work"/man/*.1 "$about"/*.1; do
        put 644 "$page" "share/man/man1/$(basename "$page")"
    done
    find "$tree/share/man" -type f -exec gzip -9n {} +
    "$target/countersign" completions bash >"$work/bash"
    "$target/countersign" completions zsh >"$work/zsh"
    "$target/countersign" completions fish >"$work/fish"
    put 644 "$work/bash" share/bash-completion/completions/countersign
    put 644 "$work/zsh" share/zsh/vendor-completions/_countersign
    put 644 "$work/fish" share/fish/vendor_completions.d/countersign.fish
}

# What a desktop environment needs to know.
put_desktop() {
    put 644 "$about/countersign-desktop.desktop" share/applications/countersign-desktop.desktop
    put 644 "$about/countersign.xml" share/mime/packages/countersign.xml
    local icons=share/icons/hicolor
    put 644 "$root/icons/32x32.png" $icons/32x32/apps/countersign.png
    put 644 "$root/icons/64x64.png" $icons/64x64/apps/countersign.png
    put 644 "$root/icons/128x128.png" $icons/128x128/apps/countersign.png
    put 644 "$root/icons/128x128@2x.png" $icons/256x256/apps/countersign.png
    put 644 "$root/icons/countersign.svg" $icons/scalable/apps/countersign.svg
}

put_papers() {
    put_common_papers countersign
    put 644 "$root/README.md" share/doc/countersign/README.md
    put 644 "$root/SECURITY.md" share/doc/countersign/SECURITY.md
    local example
    for example in "$root"/examples/*.toml; do
        put 644 "$example" "share/doc/countersign/examples/$(basename "$example")"
    done
}

# put_common_papers PACKAGE: what every package says about itself.
put_common_papers() {
    put 644 "$about/copyright" "share/doc/$1/copyright"
    put 644 "$root/NOTICE" "share/doc/$1/NOTICE"
    gzip -9nc "$root/CHANGELOG.md" >"$work/changelog.gz"
    put 644 "$work/changelog.gz" "share/doc/$1/changelog.gz"
}

put_relay() {
    put_program countersign-relay bin/countersign-relay
    "$target/countersign-relay" man | gzip -9n >"$work/relay.1.gz"
    put 644 "$work/relay.1.gz" share/man/man1/countersign-relay.1.gz
    local papers=share/doc/countersign-relay
    put_common_papers countersign-relay
    put 644 "$root/docs/relay.md" $papers/README.md
    put 644 "$root/packaging/relay/relay.toml" $papers/examples/relay.toml
    put 644 "$root/packaging/relay/countersign-relay.service" lib/systemd/system/countersign-relay.service
    put 644 "$root/packaging/relay/countersign-relay.sysusers" lib/sysusers.d/countersign-relay.conf
}

# depends FOLDER PROGRAM…: the libraries of the system that these programs were linked with, in the versions they need.
depends() {
    local folder=$1 programs=() program
    shift
    command -v dpkg-shlibdeps >/dev/null || fail "dpkg-shlibdeps is missing. Install it: sudo apt-get install dpkg-dev"
    for program in "$@"; do programs+=(-e "$folder/usr/$program"); done
    mkdir -p "$work/debian"
    printf 'Source: countersign\n\nPackage: countersign\nArchitecture: any\n' >"$work/debian/control"
    (cd "$work" && dpkg-shlibdeps -O --warnings=0 "${programs[@]}") | sed -n 's/^shlibs:Depends=//p'
}

# make_deb PACKAGE TREE ABOUT PROGRAM…: of the files in TREE, with the control files in ABOUT.
make_deb() {
    local package=$1 files=$2 control=$3 deb=$work/$1.deb.d architecture needed size one
    shift 3
    architecture=$(dpkg --print-architecture)
    mkdir -p "$deb/DEBIAN" "$deb/usr"
    cp -a "$files/." "$deb/usr/"
    # What an admin edits lies in /etc, and stays as it was edited.
    if [ "$package" = countersign-relay ]; then
        install -D -m 644 "$root/packaging/relay/relay.toml" "$deb/etc/countersign-relay/relay.toml"
        printf '/etc/countersign-relay/relay.toml\n' >"$deb/DEBIAN/conffiles"
    fi
    needed=$(depends "$deb" "$@")
    [ -n "$needed" ] || fail "what libraries the programs need was not found out"
    size=$(du -k -s --apparent-size "$deb/usr" | cut -f1)
    sed -e "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@SIZE@/$size/; s/@DEPENDS@/$needed/" \
        "$control/control" >"$deb/DEBIAN/control"
    for one in postinst prerm postrm; do
        [ ! -e "$control/$one" ] || install -m 755 "$control/$one" "$deb/DEBIAN/$one"
    done
    (cd "$deb" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$deb/DEBIAN/md5sums"
    local how=(-Zxz)
    [ "$level" != fast ] || how=(-Zgzip -z1)
    dpkg-deb --root-owner-group "${how[@]}" --build "$deb" "$out/${package}_${version}_$architecture.deb" >/dev/null
    printf '%s\n' "$out/${package}_${version}_$architecture.deb"
}

make_debs() {
    make_deb countersign "$desk" "$about" bin/countersign bin/countersign-desktop lib/countersign/countersign-desktop
    make_deb countersign-relay "$relay" "$about/relay" bin/countersign-relay
}

make_tarball() {
    local name
    name=countersign-$version-$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m)
    mv "$desk" "$work/$name"
    cp -a "$relay/." "$work/$name/"
    cp "$root/LICENSE" "$work/$name/LICENSE"
    chmod 644 "$work/$name/LICENSE"
    tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -cf - "$name" |
        gzip "$([ "$level" = fast ] && echo -n1 || echo -n9)" >"$out/$name.tar.gz"
    printf '%s\n' "$out/$name.tar.gz"
}

put_programs
put_manuals
put_desktop
put_papers
tree=$relay
put_relay
if command -v dpkg-deb >/dev/null; then make_debs; else printf 'package: no dpkg-deb here, so no .deb\n' >&2; fi
make_tarball
