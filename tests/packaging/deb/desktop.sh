#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: desktop.sh DESKTOP-FILE METAINFO   what desktops and software centres read is valid
set -eu
desktop-file-validate "$1"
# The project has no page of its own; newer versions warn of that.
appstreamcli validate --no-net --override=url-homepage-missing=info "$2"
