#!/usr/bin/env bash
# Installs a package into a Debian root that has nothing but apt, and starts what it brought as somebody without rights:
# `clean_root.sh DEB [PICTURE]`.
#
# The root is made in a folder of its own from the sources of this machine, and removed again. Needs root, mmdebstrap, Xvfb,
# xwininfo and scrot; where one is missing it says so and ends with 3.
set -euo pipefail

deb=$(realpath "${1:?clean_root.sh DEB [PICTURE]}")
picture=${2:-}
display=:97
said() { printf 'clean root: %s\n' "$1"; }
missing() { said "skipped, since $1"; exit 3; }

[ "$(id -u)" = 0 ] || missing "only root can make one"
for program in mmdebstrap Xvfb xwininfo scrot; do
    command -v "$program" >/dev/null || missing "$program is not installed"
done
# shellcheck source=/dev/null
suite=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
sources=/etc/apt/sources.list.d/debian.sources
[ -e "$sources" ] || sources=/etc/apt/sources.list

work=$(mktemp -d)
root=$work/root
server='' window=''
end() {
    [ -z "$window" ] || kill -- "-$window" 2>/dev/null || true
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    wait 2>/dev/null || true
    umount -l "$root/proc" "$root/dev/shm" 2>/dev/null || true
    rm -rf --one-file-system "$work"
}
trap end EXIT

# How this machine reaches its packages.
apt-config dump Acquire >"$work/acquire"
mmdebstrap --quiet --variant=apt --mode=root --aptopt="$work/acquire" "$suite" "$root" "$sources" ||
    missing "no root could be made from the sources of this machine"
mount -t proc proc "$root/proc"
mkdir -p "$root/dev/shm"
mount -t tmpfs tmpfs "$root/dev/shm"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp "$deb" "$root/tmp/countersign.deb"

inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
# Whoever made the root left it without lists.
inside apt-get update -qq >"$work/updated" 2>&1 || missing "the root cannot fetch lists of packages: $(tail -n 1 "$work/updated")"
inside apt-get install -y -qq --no-install-recommends /tmp/countersign.deb >"$work/installed" 2>&1 ||
    { tail -n 20 "$work/installed"; said "it does not install"; exit 1; }
said "installed, with $(inside dpkg-query -f '.' -W '*' | wc -c) packages known to the root"
inside countersign --version
# Somebody without rights. The root is too bare for a program that adds people.
printf 'somebody:x:1000:1000::/home/somebody:/bin/sh\n' >>"$root/etc/passwd"
printf 'somebody:x:1000:\n' >>"$root/etc/group"
install -d -m 700 -o 1000 -g 1000 "$root/home/somebody"

Xvfb "$display" -screen 0 1280x800x24 -nolisten tcp >/dev/null 2>&1 &
server=$!
# The program is the root's own, and so is its web view; only the screen is ours.
setsid chroot --userspec=1000:1000 "$root" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/home/somebody LANG=C.UTF-8 \
    DISPLAY="$display" WEBKIT_DISABLE_DMABUF_RENDERER=1 countersign-desktop >"$work/window" 2>&1 &
window=$!
for _ in $(seq 120); do
    if xwininfo -display "$display" -root -tree 2>/dev/null | grep -q '"Countersign'; then
        # The page is drawn a moment after its window is there: colours tell.
        for _ in $(seq 60); do
            DISPLAY=$display scrot --overwrite --silent "$work/picture.png"
            [ "$(stat -c %s "$work/picture.png")" -gt 8000 ] && break
            sleep 0.5
        done
        [ -z "$picture" ] || cp "$work/picture.png" "$picture"
        [ "$(stat -c %s "$work/picture.png")" -gt 8000 ] || { said "its window stays empty"; exit 1; }
        kill -0 "$window" 2>/dev/null || { said "it ended by itself"; exit 1; }
        said "its window opens and shows its first page"
        exit 0
    fi
    kill -0 "$window" 2>/dev/null || break
    sleep 0.5
done
tail -n 20 "$work/window"
said "no window opens"
exit 1
