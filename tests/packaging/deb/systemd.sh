#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# parlor-server.service under a real systemd, which boots in namespaces of its own: confinement, reload, credentials, and
# what happens to a service that cannot start.
# usage: systemd.sh PACKAGES [CACHE]   PACKAGES has the .debs; root.sh tells of CACHE, MIRROR and PARLOR_CHROOT_CACHE
# Exits with 77 where this cannot be tried: only root makes chroots, from a mirror, and systemd needs cgroups of version 2.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/root.sh"

control=$(awk '$3 == "cgroup2" {print $2; exit}' /proc/mounts)
control=${control:+$control/parlor-test-$$}
[ -n "$control" ] && mkdir "$control" 2>/dev/null || cannot "no control group can be made here"
init=
end() {
    if [ -n "$init" ]; then
        kill -KILL "$init" || true
        wait
    fi 2>/dev/null
    local tries # the last of its processes may be about to end
    for tries in $(seq 300); do
        find "$control" -depth -type d -exec rmdir {} + 2>/dev/null && break
        sleep 0.1
    done
    rm -rf --one-file-system "$root" "$root.cache" "$root.log"
}
trap end EXIT

install systemd dbus python3-minimal '/packages/parlor-server_*.deb' '/packages/parlor-cli_*.deb'

# A chroot does for all but user namespaces, which the kernel gives to nobody in a chroot: hence pivot_root.
bash -euc 'echo $$ >"$2/cgroup.procs"
    exec unshare --mount --propagation private --pid --fork --kill-child --uts --ipc --net --cgroup bash -euc "
        cd \"\$1\"
        mount --bind . .
        cd \"\$1\"
        mount -t proc proc proc
        mount -t sysfs sysfs sys
        mount -t cgroup2 cgroup2 sys/fs/cgroup
        mount -t tmpfs tmpfs run
        mount -t tmpfs -o mode=1777 tmpfs tmp
        mount -t tmpfs -o mode=755 tmpfs dev
        # Devices of its own: agetty gives the console away, and what is bound here would be those of the host.
        mknod -m 666 dev/null c 1 3
        mknod -m 666 dev/zero c 1 5
        mknod -m 666 dev/full c 1 7
        mknod -m 666 dev/random c 1 8
        mknod -m 666 dev/urandom c 1 9
        mknod -m 666 dev/tty c 5 0
        mknod -m 600 dev/console c 1 3
        mkdir dev/pts dev/shm oldroot
        mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
        ln -s pts/ptmx dev/ptmx
        mount -t tmpfs tmpfs dev/shm
        ln -s /proc/self/fd dev/fd
        pivot_root . oldroot
        umount -l /oldroot
        mount --make-rshared / # credentials reach a service so
        exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin \
            /lib/systemd/systemd --system --log-target=journal --unit=multi-user.target
        " - "$1"' - "$root" "$control" &
init=$!

# in_system COMMAND…: within what systemd has booted.
in_system() { nsenter --target "$(pgrep -P "$init")" --mount --pid --uts --ipc --net --cgroup --root --wd -- "$@"; }
property() { in_system systemctl show parlor-server --property "$1" --value; }
lines() { in_system journalctl --no-pager --output cat --unit parlor-server; }
# until_true WHAT COMMAND…: tries the command for 60 s.
until_true() {
    local what=$1 end=$((SECONDS + 60))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || { echo "This did not come about: $what"; in_system journalctl --no-pager | tail -n 60; exit 1; }
        sleep 0.2
    done
}
fail() {
    echo "$1"
    lines | tail -n 40
    exit 1
}
is() { [ "$(property "$1")" = "$2" ]; }
logged() { lines | grep -q "$1"; }
drop_in() {
    mkdir -p "$root/etc/systemd/system/parlor-server.service.d"
    printf '[Service]\n%s\n' "$@" >"$root/etc/systemd/system/parlor-server.service.d/test.conf"
    in_system systemctl daemon-reload
}
conf=$root/etc/parlor/server.toml

until_true "the service is active" is ActiveState active
echo "== Booted: $SECONDS s"
echo Hello | in_system parlor-cli chat ws://127.0.0.1:8000/ws --name Ann --timeout 20s
[ "$(stat -c %a "$root/var/lib/private/parlor")" = 700 ] || fail "others can read the state folder"
in_system systemctl reload parlor-server
pid=$(property MainPID)

# A configuration that the new version does not take: the old server runs on.
cp "$conf" "$conf.good"
echo 'nonsense = 1' >>"$conf"
in_system sh -c 'dpkg -i /packages/parlor-server_*.deb' 2>&1 | grep 'is not restarted'
is MainPID "$pid" || fail "the upgrade has ended a server that worked"

# The same at a start: the service is down at once, and the log says why.
in_system systemctl restart parlor-server && fail "it starts with a wrong configuration"
is ActiveState failed || fail "a wrong configuration is tried again"
is NRestarts 0 || fail "a wrong configuration is tried again"
logged '^parlor-server: /etc/parlor/server.toml:[0-9]*: unknown option "nonsense"' || fail "the log does not say why"
cp "$conf.good" "$conf"
in_system systemctl reset-failed parlor-server

# A port in use is tried again, slowly, until it is free.
in_system python3 -c 'if 1:
    import socket, time
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.bind(("127.0.0.1", 8000))
    taken.listen()
    open("/run/taken", "w").close()
    time.sleep(600)' &
until_true "the port is taken" in_system test -e /run/taken
in_system systemctl restart --no-block parlor-server
until_true "it waits to be started again" is SubState auto-restart
logged 'cannot listen on 127.0.0.1:8000: another listener has it' || fail "the log does not say why"
in_system pkill -f /run/taken
until_true "it is active once the port is free" is ActiveState active
[ "$(property NRestarts)" -le 3 ] || fail "it was started again in a hurry"

# A secret through systemd; a watchdog that is fed, until the server hangs.
head -c 32 /dev/urandom | base64 >"$root/etc/parlor/key"
chmod 600 "$root/etc/parlor/key"
drop_in LoadCredential=key:/etc/parlor/key WatchdogSec=2s RestartSec=1s \
    'Environment=PARLOR_SECRET_FILE=%d/key'
in_system systemctl restart parlor-server || fail "it does not start with a secret of systemd's"
sleep 5
is NRestarts 0 || fail "the watchdog is not fed"
in_system systemctl kill --signal=STOP --kill-whom=main parlor-server
until_true "the watchdog ends a server that hangs" is NRestarts 1
until_true "it is active again" is ActiveState active
in_system systemctl stop parlor-server
is Result success || fail "the drain has failed"

# On AWS the log is in a file, too: each line once, whatever happens to the copier.
cp "$here/../../../packaging/terraform/modules/servers/files/parlor-log-file.service" "$root/etc/systemd/system"
in_system systemctl daemon-reload
copied() { [ "$(cat "$root/var/log/parlor/server.log")" = "$(lines)" ]; }
in_system systemctl start parlor-log-file
until_true "the log is in a file" copied
truncate -s 51M "$root/var/log/parlor/server.log"
in_system systemctl restart parlor-log-file
until_true "a large file is set aside" test -e "$root/var/log/parlor/server.log.1"
in_system systemctl start parlor-server
until_true "the next lines are in a new file" grep -q 'listening on' "$root/var/log/parlor/server.log"
[ "$(grep -c 'listening on' "$root/var/log/parlor/server.log")" = 1 ] || fail "a copier that is restarted repeats the log"
echo "== systemd: $SECONDS s"
