#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: schema.sh BUILD_FOLDER [--self]     installs what schema.js needs there, once, and runs it
set -eu
here=$(cd "$(dirname "$0")" && pwd)
node --version >/dev/null 2>&1 && npm --version >/dev/null 2>&1 || {
    echo "node and npm are not installed: the provider's schema is not checked"
    exit 77
}
mkdir -p "$1"
cd "$1"
exec 9>lock
flock 9
cmp -s "$here/package-lock.json" installed || {
    cp "$here/package.json" "$here/package-lock.json" .
    npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1 || {
        echo "npm cannot fetch @cdktf/provider-aws (npm.log in $1): the provider's schema is not checked"
        tail -3 npm.log
        exit 77
    }
    cp package-lock.json installed
}
flock -u 9
NODE_PATH=$1/node_modules exec node "$here/schema.js" "$here/../../../packaging/terraform" ${2:+"$2"}
