#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: desktop.sh DESKTOP-FILE METAINFO   what desktops and software centres read is valid
set -eu
desktop-file-validate "$1"
# There is no home page. Debian 13's version warns of that, and Debian 12's does not know the warning.
appstreamcli validate --no-net --override=url-homepage-missing=info "$2" || appstreamcli validate --no-net "$2"
