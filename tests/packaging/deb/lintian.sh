#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: lintian.sh PACKAGES   the folder with the .debs: no errors, no warnings
set -eu
command -v lintian >/dev/null || { echo "lintian is not installed"; exit 77; }
root=
[ "$(id -u)" -ne 0 ] || root=--allow-root
# shellcheck disable=SC2086 # empty, or one word
exec lintian $root -EvIL +pedantic --fail-on error,warning "$1"/*.deb
