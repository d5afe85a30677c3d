#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The packages in a new chroot of this machine's Debian: apt installs them with what they need, then the tests of
# packaging/deb/tests run as autopkgtest would run them.
# usage: chroot.sh PACKAGES [CACHE]   PACKAGES has the .debs; root.sh tells of CACHE, MIRROR and PARLOR_CHROOT_CACHE
# Exits with 77 where this cannot be tried: only root makes chroots, from a mirror.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/root.sh"
cp -r "$here/../../../packaging/deb/tests" "$root/tests"

install '/packages/*.deb'
for test in chat upgrade-and-purge; do
    in_chroot "/tests/$test"
    echo "== $test: $SECONDS s"
done
