#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: desktop.sh DESKTOP-FILE METAINFO   what desktops and software centres read is valid
set -eu
desktop-file-validate "$1"
appstreamcli validate --no-net "$2"
