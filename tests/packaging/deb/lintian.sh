#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: lintian.sh PACKAGES   the folder with the .debs: no errors, no warnings
set -eu
command -v lintian >/dev/null || { echo "lintian is not installed"; exit 77; }
root=
[ "$(id -u)" -ne 0 ] || root=--allow-root
# There is no home page that the metainfo could name. Debian 13's lintian says so; Debian 12's refuses a tag that it
# does not know.
homeless=appstream-metadata-validation-failed
suppress=
! lintian-explain-tags "$homeless" >/dev/null 2>&1 || suppress="--suppress-tags $homeless"
# shellcheck disable=SC2086 # empty, or some words
exec lintian $root $suppress -EvIL +pedantic --fail-on error,warning "$1"/*.deb
