#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What somebody does who has just installed Debian: clones the repository, and types ./run, until Bob has heard Alice, and
# ./test. In a new chroot, as a user who may sudo.
# usage: newcomer.sh [SUITE]   SUITE is bookworm, trixie, …; by default this machine's own.
# MIRROR is where packages come from, by default what apt is told. CCACHE_DIR, if set, serves what it has, and gets nothing.
# Exits with 77 where this cannot be tried: only root makes chroots, from a mirror, and port 8000 must be free.
set -euo pipefail

cannot() {
    echo "The newcomer's path is not tried: $*"
    exit 77
}

. /etc/os-release
suite=${1:-${VERSION_CODENAME:-}}
[ "$(id -u)" -eq 0 ] || cannot "only root can make a chroot"
command -v debootstrap >/dev/null || cannot "debootstrap is not installed"
mirror=${MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: ${VERSION_CODENAME:-}" | head -n 1)}
[ -n "$mirror" ] || cannot "apt knows no mirror of ${VERSION_CODENAME:-this system}; name one with MIRROR=…"
curl -fsI --max-time 30 "${mirror%/}/dists/$suite/InRelease" >/dev/null || cannot "$mirror has no $suite, or cannot be reached"
! (exec 3<>/dev/tcp/127.0.0.1/8000) 2>/dev/null || cannot "something listens on 127.0.0.1:8000, where ./run would"

source=$(cd "$(dirname "$0")/../../.." && pwd)
root=$(mktemp -d "${TMPDIR:-/var/tmp}/parlor-newcomer-XXXXXX")
chmod 0755 "$root"
trap 'rm -rf --one-file-system "$root"' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

said=$SECONDS
told() {
    echo "== $1: $((SECONDS - said)) s"
    said=$SECONDS
}

unshare --mount --propagation private debootstrap --variant=minbase --include=ca-certificates,git,sudo,passwd \
    "$suite" "$root" "$mirror" >"$root.log" 2>&1 || { tail -n 20 "$root.log"; exit 1; }
rm -f "$root.log"
cp /etc/resolv.conf "$root/etc/resolv.conf"
echo "127.0.0.1 localhost $(hostname)" >"$root/etc/hosts"
mkdir -p "$root/source" "$root/ccache"
chroot "$root" useradd --create-home --shell /bin/bash ann
echo 'ann ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/ann"
told "A chroot of $suite"

# in_chroot COMMAND: as ann. Mounts and processes are gone when it ends. By pivot_root, since a program that was put there by
# chroot may make no namespaces, and tests make some.
in_chroot() {
    unshare --mount --propagation private --pid --fork --kill-child bash -euc '
        root=$1
        mount --bind "$root" "$root"
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
        mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
        mount --bind -o ro "$2" "$root/source"
        cache=()
        if [ -n "${CCACHE_DIR:-}" ]; then
            mount --bind "$CCACHE_DIR" "$root/ccache"
            cache=(CCACHE_DIR=/ccache CCACHE_READONLY=1 CCACHE_TEMPDIR=/tmp)
        fi
        cd "$root"
        pivot_root . .
        umount -l .
        cd /
        exec sudo -u ann -H env LANG=C.UTF-8 "${cache[@]}" bash -euc "cd; $3"' - "$root" "$source" "$1"
}

# shellcheck disable=SC2016 # the chroot says what these are
in_chroot '
    git config --global --add safe.directory "*"
    git clone --quiet /source parlor
    git -C parlor log -1 --format="== Cloned: %h %s"'
# shellcheck disable=SC2016
in_chroot '
    cd parlor
    ./run >run.log 2>&1 &
    run=$!
    until grep -q "The server stays at" run.log; do
        kill -0 $run 2>/dev/null || { cat run.log; exit 1; }
        sleep 1
    done
    grep "Hello Bob, this is Alice" run.log
    kill -TERM $run
    wait $run || true'
told "./run, until Bob had heard Alice"
in_chroot 'cd parlor && ./test'
told ./test
