# SPDX-License-Identifier: MIT
# Sourced by ./run (cluster) and by docs/chapters/experiments: redis-server, parlor-servers and HAProxy on loopback, on
# free ports, with all they write in a folder that goes when the script ends. BIN is the folder of the programs.
#
#   need PROGRAM…                   ends the script with 77, and says which package to install, where one is missing
#   start_redis                     $redis is its address; redis-cli speaks to it
#   start_server NAME [OPTION…]     ${pid[NAME]}, ${port[NAME]}; started again it has the same port
#   end NAME [SIGNAL]               kills it, by default with KILL, and waits for its end
#   connections NAME                how many clients it has
#   start_balancer CONFIG [X=Y…]    packaging/haproxy/CONFIG before the servers ws1, ws2, ws3; $balancer is its HOST:PORT
#   balancer COMMAND…               says something to HAProxy's socket
#   listen NAME URL [OPTION…]       NAME joins #general in the background; what it hears is in $folder/NAME
#   write_as NAME TEXT              NAME, who listens, says something
#   until_heard NAME PATTERN        waits until NAME has heard this; heard NAME shows all that it heard
#   speak NAME URL TEXT             NAME says something there, and goes
#   until_told NAME PATTERN         waits until NAME's terminal tells this
#   told NAME                       shows what it told, but for what was shown before
#   served_by NAME                  the server where NAME is, or was last
#   run 'COMMAND …'                 shows a command, and runs it

set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$top/tools/common.sh"
BIN=$(realpath -m "${BIN:-$top/build/release/bin}")
PATH=$BIN:$PATH:/usr/sbin
unset "${!PARLOR_@}"            # they would be the servers' options
folder=$(mktemp -d --tmpdir parlor-XXXXXX)
declare -A pid port input shown
clients=()                      # end first, since they say goodbye

end_all() {
    trap '' INT TERM
    set +e
    if [ ${#clients[@]} -gt 0 ]; then
        kill "${clients[@]}"
        wait "${clients[@]}"
    fi
    [ ${#pid[@]} -eq 0 ] || kill -KILL "${pid[@]}"
    rm -rf "$folder"
} 2>/dev/null
trap end_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

run() {
    printf '$ %s\n' "$1"
    eval "$1"
}

need() {
    local program missing=()
    for program; do
        command -v "$program" >/dev/null && continue
        case "$program" in
        redis-cli) missing+=(redis-tools) ;;
        parlor*) echo "There is no $program in $BIN: build it (./run does), or name its folder with BIN=…" >&2 && exit 77 ;;
        *) missing+=("$program") ;;
        esac
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    echo "This needs what is not installed here: apt-get install ${missing[*]}" >&2
    exit 77
}

# until_true COMMAND…: waits for it, 30 s at most.
until_true() {
    local try
    for try in $(seq 600); do
        "$@" 2>/dev/null && return 0
        sleep 0.05
    done
    return 1
}

# give_up TEXT FILE
give_up() {
    echo "$1" >&2
    cat "$2" >&2
    exit 1
}

# Each server says its own hostname, where the system lets a process have one.
host=()
for each in "unshare --uts" "unshare --user --map-root-user --uts"; do
    if $each hostname ws1 2>/dev/null; then
        host=($each)
        break
    fi
done

need_hostnames() {
    [ ${#host[@]} -gt 0 ] && return 0
    echo "This system gives processes no hostname of their own (unshare --uts): the servers would all have one name" >&2
    exit 77
}

# keep NAME: the process just started has this name from now on. Bash does not tell of its end.
keep() {
    pid[$1]=$!
    disown $!
}
is_gone() { ! kill -0 "${pid[$1]}"; }

redis-cli() { command redis-cli -s "$folder/redis.sock" "$@"; }

start_redis() {
    redis=unix:$folder/redis.sock
    # Ends with us, however we end; so do the others.
    setpriv --pdeathsig KILL redis-server --port 0 --unixsocket "$folder/redis.sock" --dir "$folder" --save '' \
        --appendonly yes >"$folder/redis.log" 2>&1 &
    keep redis
    until_true redis-cli ping >/dev/null ||
        give_up "redis-server does not start:" "$folder/redis.log"
}

is_listening() { grep -q 'listening on' "$folder/$1.log" || is_gone "$1"; }

start_server() {
    local name=$1 store=(--store memory)
    shift
    [ -z "${redis:-}" ] || store=(--redis "$redis")
    set -- setpriv --pdeathsig KILL parlor-server --listen "127.0.0.1:${port[$name]:-0}" "${store[@]}" \
        --trusted-proxy 127.0.0.1/32 --drain-timeout 2s "$@"
    [ ${#host[@]} -eq 0 ] || set -- "${host[@]}" sh -c 'hostname "$0" && exec "$@"' "$name" "$@"
    : >"$folder/$name.log" # what an earlier one wrote is not this one's
    "$@" 2>"$folder/$name.log" &
    keep "$name"
    until_true is_listening "$name"
    port[$name]=$(sed -n 's|.*listening on ws://127.0.0.1:\([0-9]*\)/ws.*|\1|p' "$folder/$name.log")
    [ -n "${port[$name]}" ] || give_up "$name does not start:" "$folder/$name.log"
}

connections() (
    exec 3<>"/dev/tcp/127.0.0.1/${port[$1]}"
    printf 'GET /health HTTP/1.0\r\n\r\n' >&3
    sed -n 's/.*"connections":\([0-9]*\).*/\1/p' <&3
) 2>/dev/null
has_connections() { [ "$(connections "$1")" = "$2" ]; }

end() {
    kill "-${2:-KILL}" "${pid[$1]}" || true
    until_true is_gone "$1"
    unset "pid[$1]"
} 2>/dev/null

is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }
is_balancing() { is_open "${balancer#*:}" || is_gone balancer; }

start_balancer() {
    local config=$1 number=0 servers=() name try
    shift
    for name in ws1 ws2 ws3; do
        servers+=("SERVER$((++number))=127.0.0.1:${port[$name]:-1}") # nobody is at port 1
    done
    for try in $(seq 20); do
        balancer=127.0.0.1:$((20000 + RANDOM % 12000))
        ! is_open "${balancer#*:}" 2>/dev/null || continue
        env "${servers[@]}" BIND="$balancer" STATS_SOCKET="$folder/haproxy.sock" CHECK=500ms "$@" \
            setpriv --pdeathsig KILL haproxy -dR -db -f "$top/packaging/haproxy/common.cfg" \
            -f "$top/packaging/haproxy/$config" >"$folder/haproxy.log" 2>&1 &
        keep balancer
        until_true is_balancing
        if ! is_gone balancer 2>/dev/null; then
            until_true settled || give_up "HAProxy does not see the servers:" "$folder/haproxy.log"
            return 0
        fi
        grep -q 'cannot bind' "$folder/haproxy.log" || give_up "HAProxy does not start:" "$folder/haproxy.log"
    done
    give_up "HAProxy finds no free port:" "$folder/haproxy.log"
}

served_by() { sed -n 's/.*, served by \(.*\)/\1/p' "$folder/$1.err" | tail -n 1; }

listen() {
    local name=$1 lines
    shift
    rm -f "$folder/$name" "$folder/$name".*
    shown[$name]=0
    mkfifo "$folder/$name.lines"
    exec {lines}<>"$folder/$name.lines" # so that its input does not end
    input[$name]=$lines
    setpriv --pdeathsig KILL parlor-cli chat "$@" --name "$name" <"$folder/$name.lines" {lines}>&- \
        >"$folder/$name" 2>"$folder/$name.err" &
    keep "$name"
    until_told "$name" 'joined #general'
    echo "$name is on $(served_by "$name")"
}

write_as() {
    echo "$1, on $(served_by "$1"), says: $2"
    printf '%s\n' "$2" >&"${input[$1]}"
}

news_of() { tail -n "+$((${shown[$1]:-0} + 1))" "$folder/$1.err"; }
has_told() { news_of "$1" | grep "$2" >/dev/null; }
until_told() {
    until_true has_told "$1" "$2" || give_up "$1's terminal does not tell \"$2\":" "$folder/$1.err"
}
told() {
    news_of "$1" | sed 's/^/   /'
    shown[$1]=$(wc -l <"$folder/$1.err")
}

until_heard() { until_true grep -q "$2" "$folder/$1" || give_up "$1 does not hear \"$2\", but:" "$folder/$1"; }
heard() { sed 's/^/   /' "$folder/$1"; }

speak() {
    echo "$3" | parlor-cli chat "$2" --name "$1" --timeout 20s >/dev/null 2>"$folder/$1.err" ||
        give_up "$1 cannot say it:" "$folder/$1.err"
    echo "$1, on $(served_by "$1"), says: $3"
}

# What people use socat for.
balancer() {
    python3 - "$folder/haproxy.sock" "$*" <<'P'
import socket, sys
with socket.socket(socket.AF_UNIX) as s:
    s.connect(sys.argv[1])
    s.sendall(sys.argv[2].encode() + b"\n")
    print(s.makefile().read().strip(), end="")
P
}

# is_up NAME: HAProxy has not said that it is down, or has taken that back.
is_up() { ! { grep "Server parlor/$1 is" "$folder/haproxy.log" | tail -n 1 | grep ' is DOWN'; } >/dev/null; }
is_down() { ! is_up "$1"; }

settled() {
    local name
    for name in ws1 ws2 ws3; do
        [ -n "${port[$name]:-}" ] || is_down "$name" || return 1
    done
}
