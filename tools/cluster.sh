# SPDX-License-Identifier: MIT
# Sourced by ./run: its word cluster. Redis, three servers, HAProxy; two clients on different servers.

start_redis
for name in ws1 ws2 ws3; do
    start_server "$name"
done
start_balancer roundrobin.cfg
url=ws://$balancer

say "Bob listens, Alice says something, both through $url"
listen Bob "$url"
speak Alice "$url" 'Hello Bob, this is Alice.'
until_heard Bob '^\[general\] Alice: Hello Bob, this is Alice\.$'
echo "Bob hears: $(cat "$folder/Bob")"
if [ "${1:-}" = --check ]; then
    # Without hostnames of their own only the order of HAProxy's turns makes it two servers.
    [ ${#host[@]} -eq 0 ] || [ "$(served_by Alice)" != "$(served_by Bob)" ] || give_up "One server served both." /dev/null
    exit 0
fi
end Bob TERM

# tell: which server has how many clients, and what to try.
tell() {
    local name count busy=ws1
    say "One chat at $url (in a browser: http://$balancer/client)"
    for name in ws1 ws2 ws3; do
        count=$(connections "$name" || echo 0)
        [ "$count" = 0 ] || busy=$name
        printf '   %s   pid %-7s serves %s\n' "$name" "${pid[$name]}" "$count"
    done
    cat <<END
   redis pid ${pid[redis]}

   Try in another terminal:
     kill -9 ${pid[$busy]}    # $busy dies. Who was there goes on at another server, and misses nothing
     kill ${pid[$busy]}       # $busy drains: it sends its clients away, one after the other, and ends
     kill ${pid[redis]}       # Redis goes away. What is written waits, and is sent once it is back
     ./run cli chat $url --name You
   What has ended is started again after $pause s. Ctrl-C ends everything.
END
}
pause=8

windows=
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    windows=yes
    # at_one_more: some server has a connection more than `before` says; `found` is its name.
    at_one_more() {
        for found in ws1 ws2 ws3; do
            [ "$(connections "$found")" -le "${before[$found]}" ] || return 0
        done
        return 1
    }
    declare -A before
    for name in Alice Bob; do
        for each in ws1 ws2 ws3; do before[$each]=$(connections "$each"); done
        parlor --url "$url" --room general --name "$name" --profile "$folder/$name.profile" &
        clients+=($!)
        until_true at_one_more || give_up "$name's window does not connect to $url" /dev/null
        echo "$name's window is on $found"
    done
else
    for name in Alice Bob; do
        listen "$name" "$url"
        tail --pid=$$ -n 0 -f "$folder/$name" | sed -u "s/^/   $name sees  /" &
        tail --pid=$$ -n 0 -f "$folder/$name.err" | sed -u "s/^parlor-cli:/   $name:/" &
    done
fi
tell
[ -n "$windows" ] || ! [ -t 0 ] || echo "   What you type here Alice says."

declare -A due # when what has ended is started again
while true; do
    if [ -z "$windows" ] && [ -t 0 ]; then
        ! read -r -t 1 line || printf '%s\n' "$line" >&"${input[Alice]}"
    else
        sleep 1
    fi
    for name in redis ws1 ws2 ws3; do
        is_gone "$name" 2>/dev/null || continue
        if [ -z "${due[$name]:-}" ]; then
            say "$name has ended. It is started again in $pause s"
            due[$name]=$((SECONDS + pause))
        fi
        [ "$SECONDS" -ge "${due[$name]}" ] || continue
        [ "$name" = redis ] || ! is_gone redis 2>/dev/null || continue # a server starts only with its Redis
        unset "due[$name]"
        if [ "$name" = redis ]; then start_redis; else start_server "$name"; fi
        tell
    done
    ! is_gone balancer 2>/dev/null || give_up "HAProxy has ended:" "$folder/haproxy.log"
done
