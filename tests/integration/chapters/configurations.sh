#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# HAProxy takes the configurations of packaging/haproxy without a warning. Exits with 77 where it is not installed.
set -eu
cd "$(dirname "$0")/../../../packaging/haproxy"
PATH=$PATH:/usr/sbin
command -v haproxy >/dev/null || { echo "haproxy is not installed"; exit 77; }
for choice in roundrobin sticky; do
    haproxy -c -dW -f common.cfg -f "$choice.cfg"
done
