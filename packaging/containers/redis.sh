#!/bin/sh
# SPDX-License-Identifier: MIT
# Starts Redis with the password of the secret file, which so stands in no command line. What the lines mean for
# messages is in docs/operating.md, "What an acknowledged message survives".
set -eu
password=$(cat /run/secrets/redis_password)
exec redis-server - <<END
bind * -::*
dir /data
requirepass $password
save ""
appendonly yes
appendfsync everysec
maxmemory $REDIS_MAXMEMORY
maxmemory-policy noeviction
END
