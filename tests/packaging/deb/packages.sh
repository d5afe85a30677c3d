#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: packages.sh BUILD OUT   makes the packages of what is built, with CPack
set -eu
command -v dpkg-shlibdeps >/dev/null || { echo "dpkg-dev is not installed"; exit 77; }
build=$1 out=$2
rm -rf "$out"
(cd "$build" && cpack -G "DEB;TGZ" -B "$out" >/dev/null)
rm -rf "$out/_CPack_Packages"
for name in server cli desktop; do
    test -f "$out"/parlor-$name-dbgsym_*.ddeb
    dpkg-deb -c "$out"/parlor-${name}_*.deb | awk '$6 !~ /^\.\/(usr|etc)\// {print "is in an odd place:", $6; wrong = 1} END {exit wrong}'
done
dpkg-deb -c "$out"/parlor-server_*.deb | grep -q ' ./etc/parlor/server.toml$'
tar -tzf "$out"/parlor-*.tar.gz >"$out/contents"
grep -q /usr/local/bin/parlor-server "$out/contents"
grep -q /usr/local/share/doc/parlor-server/server.toml "$out/contents"
! grep /etc/ "$out/contents" || { echo "the archive overwrites a configuration"; exit 1; }
rm "$out/contents"
