# SPDX-License-Identifier: MIT
# Sourced by chroot.sh and systemd.sh: makes "$root", this machine's Debian with the packages of folder $1 in /packages.
# MIRROR is where packages come from, by default what apt is told. Folder $2, if given, keeps the base system, and what
# apt downloads, from one run to the next; so does PARLOR_CHROOT_CACHE.
set -euo pipefail

cannot() {
    echo "This is not tried: $*"
    exit 77
}

. /etc/os-release
suite=${VERSION_CODENAME:-}
[ "$(id -u)" -eq 0 ] || cannot "only root can make a chroot"
command -v debootstrap >/dev/null || cannot "debootstrap is not installed"
[ "${ID:-}" = debian ] || cannot "this is not Debian, whose names the packages need"
mirror=${MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $suite" | head -n 1)}
[ -n "$mirror" ] || cannot "apt knows no mirror of $suite; name one with MIRROR=…"
curl -fsI --max-time 30 "${mirror%/}/dists/$suite/InRelease" >/dev/null || cannot "$mirror cannot be reached"

root=$(mktemp -d "${TMPDIR:-/var/tmp}/parlor-deb-XXXXXX")
trap 'rm -rf --one-file-system "$root" "$root.cache" "$root.log"' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

cache=${PARLOR_CHROOT_CACHE:-${2:-$root.cache}}
mkdir -p "$cache/archives/partial"
base=$cache/$suite-minbase.tar
if [ -f "$base" ]; then
    tar -C "$root" -xf "$base"
else
    unshare --mount --propagation private debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$root.log" 2>&1 ||
        { tail -n 20 "$root.log"; exit 1; }
    tar -C "$root" -cf "$base.$$" .
    mv "$base.$$" "$base"
fi
chmod 755 "$root" # for the user _apt
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp -r "$1" "$root/packages"
echo 'Binary::apt::APT::Keep-Downloaded-Packages "true";' >"$root/etc/apt/apt.conf.d/keep"
echo "== A chroot of $suite: $SECONDS s"

# in_chroot COMMANDS: mounts and processes are gone when it ends.
in_chroot() {
    unshare --mount --propagation private --pid --fork --kill-child bash -euc '
        mount -t proc proc "$1/proc"
        mount --rbind /dev "$1/dev"
        mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
        mount --bind "$2" "$1/var/cache/apt/archives"
        exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
            PARLOR_PACKAGES=/packages bash -euc "$3"' - "$root" "$cache/archives" "$1"
}
in_chroot 'apt-get -qq update'

# install PACKAGE…: with what they need.
install() {
    in_chroot "apt-get -q -y --no-install-recommends install $* >/tmp/install.log 2>&1 || { cat /tmp/install.log; exit 1; }"
    echo "== Installed: $SECONDS s"
}
