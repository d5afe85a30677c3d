# SPDX-License-Identifier: MIT
"""The attacks, each a function of a Trial. The doc string says what passes."""
import asyncio
import signal
import socket
import time
from pathlib import Path

from processes import Cable, Impossible, MemoryGroup, Proxy, SmallDisk
from wire import BINARY, CLOSE, PING, TEXT, Client, Refused, frame, reset, tcp, text, ulid_like, upgrade, wait_for

CORPUS = Path(__file__).resolve().parent.parent / "fuzz" / "corpus"
ATTACKS = {}


def attack(name):
    def register(function):
        ATTACKS[name] = function
        return function
    return register


# Servers that die


@attack("kill")
async def kill(t):
    """One of three servers is killed: the others are unaffected, all its clients are back within 30 s, nothing acknowledged is lost."""
    servers = t.cluster(3, t.redis().url)
    t.watched = servers[1]
    addresses = [each.address for each in servers]
    await t.good(addresses[1:])
    await t.good(addresses, "--no-newcomers", "--room", "travellers")
    crowd = await t.crowd(t.crowd_size, addresses, comes_back_within=5)
    await t.before()
    t.during()
    servers[0].kill()
    crowd.addresses = addresses[1:]
    crowd.addresses.append(addresses[1])  # whom i % 3 sent to the first one
    back = await crowd.back(t.crowd_size, 30)
    t.expect(back is not None, f"only {crowd.joined()} of {t.crowd_size} are back after 30 s")
    t.note(f"all {t.crowd_size} back after {back or 30:.1f} s")
    await asyncio.sleep(t.seconds(2, 10))
    await t.judge()


@attack("stopped")
async def stopped(t):
    """One of two servers stops (SIGSTOP): the watchdog notices, and its clients move to the other one."""
    redis = t.redis()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(t.folder / "notify"))
        notify.setblocking(False)
        watchdog = {"NOTIFY_SOCKET": str(t.folder / "notify"), "WATCHDOG_USEC": "4000000"}
        common = ("--redis", redis.url, "--secret-file", t.folder / "secret")
        first = t.server(*common, environment=watchdog)
        second = t.watched = t.server(*common)
        await t.good([second.address])
        await t.good([first.address, second.address], "--no-newcomers", "--room", "travellers")
        await t.before()
        t.during()
        first.signal(signal.SIGSTOP)
        last, begin = time.monotonic(), time.monotonic()
        while time.monotonic() - last < 4:  # as systemd does
            try:
                if b"WATCHDOG=1" in notify.recv(4096):
                    last = time.monotonic()
            except BlockingIOError:
                await asyncio.sleep(0.05)
            if not t.expect(time.monotonic() - begin < 20, "the watchdog is still fed"):
                break
        first.kill()
        t.own(first.restarted())
        await asyncio.sleep(t.seconds(4, 30))
        reports = await t.judge()
    away = reports[1]["longest_away"]
    t.expect(reports[1]["moves"], "nobody moved")
    t.expect(away < 10, f"a client was away for {away:.1f} s")
    t.note(f"3 clients moved; away for {away:.1f} s after 5 s of silence")


@attack("drain")
async def drain(t):
    """A server that is replaced under load closes with 4200 (v2) and 1001 (v1) alone, exits 0, and nothing is lost."""
    servers = t.cluster(2, t.redis().url, "--drain-timeout", "10s")
    t.watched = servers[1]
    first, second = (each.address for each in servers)
    await t.good([second])
    await t.good([first, second], "--no-newcomers", "--room", "travellers")
    count = t.crowd_size // 4
    v2 = await t.crowd(count, [first])
    v1 = await t.crowd(count, [first], dialect="v1")
    await t.before()
    t.during()
    begin = time.monotonic()
    servers[0].signal(signal.SIGTERM)
    ended = await wait_for(lambda: not servers[0].is_alive(), 15)
    t.expect(ended is not None, "it does not end within 15 s")
    t.note(f"{2 * count} clients closed in {time.monotonic() - begin:.1f} s")
    await asyncio.sleep(0.5)
    for crowd, code in ((v2, 4200), (v1, 1001)):
        others = {each for each in crowd.ends if each != code}
        t.expect(len(crowd.ends) == count and not others, f"{len(crowd.ends)} of {count} closed, with {others} beside {code}")
    t.expect(servers[0].child.poll() == 0, f"exit code {servers[0].child.poll()}")
    await t.judge()


# Redis


async def trouble_of_redis(t, harm, mend, short, long, rejects=True, told=False, url=None, redis=None):
    """Two servers of which neither ends or lets go of a client, and which are whole 5 s after it is over."""
    redis = redis or t.redis()
    servers = t.cluster(2, url or redis.url)
    await t.good([each.address for each in servers])
    await t.before()
    t.during()
    await asyncio.to_thread(harm, redis)
    until, healths = time.monotonic() + t.seconds(short, long), set()
    while time.monotonic() < until:
        for each in servers:
            healths.add(await asyncio.to_thread(each.health))
        await asyncio.sleep(0.2)
    t.memory_is_bounded(100)
    await asyncio.to_thread(mend, redis)
    up = await wait_for(lambda: all(each.metrics()["parlor_redis_up"] == 1 for each in servers), 5)
    t.expect(up is not None, "the servers do not see Redis again within 5 s")
    await asyncio.sleep(3 + t.seconds(short, long) / 2)  # the outboxes go out under the rate
    t.during_ends()
    await asyncio.sleep(4)
    t.expect(healths == {200}, f"/health said {healths}")
    t.expect(all(each.is_alive() for each in servers), "a server ended")
    report = (await t.judge(fast=False, connects=False, told=told))[0]
    after = report["phases"]["after"]
    t.expect(after["p99"] < 0.25 and not after["refusals"], f"afterwards p99 {after['p99'] * 1000:.0f} ms, {after['refusals']}")
    t.note(f"{report['refused']} refusals, which were sent again" + (f"; told {report['told']} times" if told else ""))
    if rejects:
        t.expect(report["refused"], "nothing was refused: was there a fault?")
    return report


@attack("redis-outage")
async def redis_outage(t):
    """Redis is killed and comes back: /health stays 200, no client loses its connection, nothing acknowledged is lost."""
    await trouble_of_redis(t, lambda redis: redis.kill(), lambda redis: t.own(redis.restarted()), 8, 60)


@attack("redis-flushall")
async def redis_flushall(t):
    """Redis forgets everything: the clients are told, and go on."""
    report = await trouble_of_redis(t, lambda redis: redis.command("FLUSHALL"), lambda redis: None, 5, 10, rejects=False, told=True)
    t.expect(report["told"], "nobody was told that messages are gone")


@attack("redis-pause")
async def redis_pause(t):
    """CLIENT PAUSE: messages wait or are refused; nothing is lost."""
    await trouble_of_redis(t, lambda redis: redis.command("CLIENT", "PAUSE", t.seconds(5, 30) * 1000), lambda redis: None,
                           t.seconds(5, 30), t.seconds(5, 30), rejects=False)


@attack("redis-readonly")
async def redis_readonly(t):
    """Redis becomes a replica, and takes no message: they wait in the outboxes; nothing is lost."""
    await trouble_of_redis(t, lambda redis: redis.command("REPLICAOF", "127.0.0.1", "1"),
                           lambda redis: redis.command("REPLICAOF", "NO", "ONE"), 6, 60)


@attack("redis-slow")
async def redis_slow(t):
    """Each answer of Redis takes half a second more, each way: messages are late; nothing is lost."""
    redis = t.redis()
    proxy = Proxy((redis.address, redis.port))
    await proxy.start()
    t.stack.callback(proxy.end)

    def slow(seconds):
        proxy.delay = seconds
    await trouble_of_redis(t, lambda _: slow(0.5), lambda _: slow(0), 8, 60, rejects=False, redis=redis,
                           url=f"redis://127.0.0.1:{proxy.port}")


# The network


@attack("partition-redis")
async def partition_redis(t):
    """The network between servers and Redis loses every packet: as redis-outage."""
    cable = Cable()
    t.stack.callback(cable.end)
    redis = t.redis(address=cable.there, port=6379, prefix=cable.prefix)
    await trouble_of_redis(t, lambda _: cable.cut(), lambda _: cable.mend(), 15, 300, redis=redis)


def inside(cable):
    with cable.entered():
        return tcp()


@attack("partition-clients")
async def partition_clients(t):
    """The network to 500 clients loses every packet: they are gone from the server by ping interval and pong deadline."""
    cable = Cable()
    t.stack.callback(cable.end)
    ping, pong = t.seconds((3, 2), (25, 10))
    server = t.server("--ping", f"{ping}s", "--pong-timeout", f"{pong}s", "--listen", f"{cable.here}:0")
    port = int(server.said().split(f"ws://{cable.here}:")[1].split("/")[0])
    await t.good([("127.0.0.1", server.address[1])] if server.address[0] == "127.0.0.1" else [server.address])
    await t.before()
    t.during()
    crowd = await t.crowd(500, [(cable.here, port)], make=lambda: inside(cable))
    had = server.metrics()["parlor_connections"]
    cable.cut()
    gone = await wait_for(lambda: server.metrics()["parlor_connections"] <= had - 500, ping * 1.1 + pong + 5)
    t.expect(gone is not None, f"{server.metrics()['parlor_connections']:.0f} connections are still counted")
    t.note(f"500 gone after {gone or 0:.1f} s; ping {ping} s, pong {pong} s")
    await t.descriptors_return()
    await t.judge()
    cable.mend()
    del crowd


@attack("lossy")
async def lossy(t):
    """200 ms of delay, 5 % of packets lost and 25 % out of order: nobody of 200 clients is cut."""
    cable = Cable()
    t.stack.callback(cable.end)
    cable.lose("delay 200ms 20ms loss 5% reorder 25%")
    server = t.server("--ping", "5s", "--listen", f"{cable.here}:0")
    port = int(server.said().split(f"ws://{cable.here}:")[1].split("/")[0])
    await t.good([server.address])
    await t.before()
    t.during()
    crowd = await t.crowd(200, [(cable.here, port)], make=lambda: inside(cable))
    await asyncio.sleep(t.seconds(20, 300))
    t.expect(crowd.joined() == 200, f"{200 - crowd.joined()} were cut")
    await t.judge()


# Clients that do not read


async def flood(t, address, seconds, room="good", speakers=5):
    """Speakers who say 12 kB ten times a second each, which is what they may."""
    content = "\u4f60" * 4000

    async def speak():
        client = await Client.open(address)
        client.send({"type": "join", "room": room, "history": 0})
        await client.next_of("sync")
        reads = asyncio.ensure_future(forever(client.read))
        try:
            until = time.monotonic() + seconds
            while time.monotonic() < until and not reads.done():
                client.send({"type": "message", "room": room, "content": content, "cid": ulid_like()})
                await asyncio.sleep(0.11)
        finally:
            reads.cancel()
            client.close()
    await asyncio.gather(*(speak() for _ in range(speakers)))


async def forever(function):
    while True:
        await function()


async def sleepers(t, address, count, room, more=b""):
    """Connections with a small receive buffer that join a room, and never read again."""
    loop, ones = asyncio.get_running_loop(), []
    for i in range(count):
        one = tcp(f"127.0.201.{1 + i % 250}", receive_buffer=4096)
        ones.append(one)
        t.stack.callback(one.close)
        await loop.sock_connect(one, address)
        await loop.sock_sendall(one, upgrade())
        await loop.sock_recv(one, 1024)
        await loop.sock_sendall(one, text({"type": "join", "room": room, "history": 0}) + more)
    return ones


@attack("slow-readers")
async def slow_readers(t):
    """500 members of the good client's room never read: they are cut with 4102, memory is bounded, descriptors come back."""
    server = t.server()
    await t.good([server.address])
    await t.before()
    t.during()
    asleep = await sleepers(t, server.address, 500, "good")
    flooding = asyncio.ensure_future(flood(t, server.address, t.seconds(20, 60)))
    most = 0
    while server.metrics()["parlor_slow_consumers_total"] < 500 and not flooding.done():
        most = max(most, server.memory())
        await asyncio.sleep(0.3)
    cut = server.metrics()["parlor_slow_consumers_total"]
    t.expect(cut >= 500, f"only {cut:.0f} of 500 were cut")
    t.note(f"{cut:.0f} cut; {(most - t.resources['memory']) / 2 ** 20:.0f} MiB more at most")
    await flooding
    await t.descriptors_return()  # though none of them has ended its connection
    t.memory_is_bounded(256)
    await t.judge()
    del asleep


@attack("pings-unread")
async def pings_unread(t):
    """200 clients send pings as fast as they may, and read no pong: memory is bounded, others are served."""
    server = t.server()
    await t.good([server.address])
    await t.before()
    t.during()
    asleep = await sleepers(t, server.address, 200, "pings")
    pings = frame(PING, b"p" * 125) * 20
    until = time.monotonic() + t.seconds(10, 60)
    while time.monotonic() < until:
        for one in asleep:
            try:
                one.send(pings)
            except OSError:  # its buffers are full, or it is cut
                pass
        await asyncio.sleep(0.02)
    t.memory_is_bounded(128)
    t.note(f"closed by the server: {closed(server)}")
    for one in asleep:
        one.close()
    await t.descriptors_return()
    await t.judge()


@attack("close-unread")
async def close_unread(t):
    """500 clients break the protocol with answers unread, and go on sending behind the server's Close: gone within its 3 s."""
    server = t.server()
    await t.good([server.address])
    await t.before()
    t.during()
    asleep = await sleepers(t, server.address, 500, "closing", frame(TEXT, b"\xff\xfe"))
    until = time.monotonic() + t.seconds(6, 30)
    while time.monotonic() < until:
        for one in asleep:
            try:
                one.send(b"\0" * 4096)
            except OSError:
                pass
        await asyncio.sleep(0.1)
    await t.descriptors_return(within=5)
    t.memory_is_bounded(64)
    t.note(f"closed by the server: {closed(server)}")
    await t.judge()


def closed(server):
    return {name.split('"')[1]: int(value) for name, value in server.metrics().items()
            if name.startswith("parlor_closes_total") and value}


# Handshakes and frames that are not finished


async def begin_and_wait(t, count, begin, trickle, seconds, shakes_hands):
    """`count` connections that send `begin`, and then a byte of `trickle` each second."""
    loop, ones = asyncio.get_running_loop(), []
    for i in range(count):
        one = tcp(f"127.0.{202 + i // 250 % 40}.{1 + i % 250}")
        ones.append(one)
        t.stack.callback(one.close)
        await loop.sock_connect(one, t.watched.address)
        if shakes_hands:
            await loop.sock_sendall(one, upgrade())
            await loop.sock_recv(one, 4096)
        if begin:
            await loop.sock_sendall(one, begin)
    for second in range(seconds):
        await asyncio.sleep(1)
        for one in ones if second < len(trickle) else ():
            try:
                one.send(trickle[second:second + 1])
            except OSError:  # it is closed already
                pass
    return ones


async def half_open(t, count, begin, trickle=b"", seconds=10, shakes_hands=False):
    server = t.server()
    await t.good([server.address])
    await t.before()
    t.during()
    _ones = await begin_and_wait(t, count, begin, trickle, seconds, shakes_hands)
    await t.descriptors_return(within=2)  # none of them has ended its connection
    t.memory_is_bounded(128)
    timed_out = closed(server).get("4201", 0) if shakes_hands else \
        server.metrics()['parlor_handshakes_total{result="timed_out"}']
    t.expect(timed_out >= count, f"{timed_out:.0f} of {count} were ended for their time")
    t.note(f"{timed_out:.0f} of {count} ended for their time")
    await t.judge()


@attack("connect-only")
async def connect_only(t):
    """Connections that send nothing are ended by the head's deadline."""
    await half_open(t, t.crowd_size, b"", seconds=t.seconds(7, 30))


@attack("slow-heads")
async def slow_heads(t):
    """Heads of a byte a second are ended by the same deadline."""
    await half_open(t, t.crowd_size // 2, b"GET /ws HTTP/1.1\r\nHost: x\r\n", b"X-Slow: and slow", t.seconds(7, 16))


@attack("huge-heads")
async def huge_heads(t):
    """Heads of 800 KB are refused with 431, without their memory."""
    server = t.server()
    await t.good([server.address])
    await t.before()
    t.during()
    loop, statuses = asyncio.get_running_loop(), {}
    head = b"GET /ws HTTP/1.1\r\nX-Huge: " + b"h" * 800_000

    async def one_after_another():
        until = time.monotonic() + t.seconds(8, 30)
        while time.monotonic() < until:
            one = tcp(f"127.0.250.{t.random.randint(1, 250)}")
            status = "ended"
            try:
                await loop.sock_connect(one, server.address)
                try:
                    await asyncio.wait_for(loop.sock_sendall(one, head), 5)
                except OSError:
                    pass
                status = (await asyncio.wait_for(loop.sock_recv(one, 1024), 5))[9:12].decode() or status
            except OSError as error:
                status = type(error).__name__
            statuses[status] = statuses.get(status, 0) + 1
            one.close()
    await asyncio.gather(*(one_after_another() for _ in range(50)))
    t.expect(statuses.get("431"), f"431 was never the answer: {statuses}")
    t.expect("101" not in statuses and "TimeoutError" not in statuses, f"answers: {statuses}")
    t.memory_is_bounded(64)
    t.note(f"answers {statuses}")
    await t.descriptors_return()
    await t.judge()


@attack("partial-frames")
async def partial_frames(t):
    """1000 clients send one byte of a frame, then another, and stall: closed by the message's deadline of 10 s."""
    await half_open(t, 1000, b"\x81", b"\xfe", t.seconds(15, 30), shakes_hands=True)


# Scarcity


@attack("descriptors")
async def descriptors(t):
    """200 descriptors, 400 clients, and Redis cut meanwhile: little CPU, few lines of log; newcomers enter again within 1 s."""
    redis = t.redis()
    server = t.server("--redis", redis.url, "--secret-file", t.folder / "secret", files=200)
    await t.good([server.address])
    await t.before()
    t.during()
    lines = server.said().count("\n")
    loop, ones = asyncio.get_running_loop(), []
    for i in range(400):
        one = tcp(f"127.0.251.{1 + i % 250}")
        ones.append(one)
        t.stack.callback(one.close)
        await loop.sock_connect(one, server.address)
        await loop.sock_sendall(one, upgrade())
    await asyncio.sleep(1)
    redis.command("CLIENT", "KILL", "TYPE", "normal")
    redis.command("CLIENT", "KILL", "TYPE", "pubsub")
    begin, cpu = time.monotonic(), server.cpu()
    await asyncio.sleep(t.seconds(5, 30))
    busy = (server.cpu() - cpu) / (time.monotonic() - begin)
    t.expect(busy < 0.25, f"{busy:.0%} of CPU while nothing could be accepted")
    said = server.said().count("\n") - lines
    t.expect(said < 60, f"{said} lines of log")
    for one in ones:
        one.close()
    t.during_ends()
    begin = time.monotonic()
    while True:
        try:
            (await asyncio.wait_for(Client.open(server.address), 3)).close()
            break
        except (OSError, Refused, asyncio.TimeoutError, asyncio.IncompleteReadError):
            if not t.expect(time.monotonic() - begin < 5, "nobody enters again"):
                break
            await asyncio.sleep(0.05)
    waited = time.monotonic() - begin
    t.expect(waited <= 1, f"newcomers enter again after {waited:.1f} s")
    up = await wait_for(lambda: server.metrics()["parlor_redis_up"] == 1, 5)
    t.expect(up is not None, "Redis is not reached again")
    t.note(f"{busy:.0%} of CPU and {said} lines meanwhile; entered again after {waited:.2f} s")
    await t.descriptors_return()
    await t.judge(fast=False, connects=False)


@attack("disk-full")
async def disk_full(t):
    """The disk of database and log is full: members stay, messages are refused, nothing acknowledged is lost, and it mends itself."""
    disk = SmallDisk(t.folder, "8m")
    t.stack.callback(disk.end)
    server = t.server("--store", f"sqlite:{disk.path}/parlor.db", log=disk.path / "server.log")
    good = await t.good([server.address], "--no-newcomers")
    await t.before()
    t.during()
    disk.fill()
    healths, until = set(), time.monotonic() + t.seconds(8, 60)
    while time.monotonic() < until:
        healths.add(await asyncio.to_thread(server.health))
        await asyncio.sleep(0.2)
    failures = server.metrics()["parlor_store_refused_total"] + server.metrics()["parlor_store_failures_total"]
    disk.free()
    t.during_ends()
    await asyncio.sleep(4)
    t.expect(failures, "no metric counts that messages were refused")
    t.expect(healths == {200}, f"/health said {healths}")
    report = (await t.judge(fast=False, connects=False))[0]
    t.expect(report["refused"], "nothing was refused: was the disk full?")
    t.expect(report["phases"]["after"]["sent"], "nothing was said afterwards")
    t.note(f"{report['refused']} refusals, which were sent again")
    server.kill()
    del good


@attack("memory")
async def memory(t):
    """A control group of 300 MiB, queues bounded to 96 MiB, and 500 clients that do not read: readers are cut before the kernel kills."""
    group = MemoryGroup(300 << 20)
    t.stack.callback(group.end)
    server = t.server("--queue-memory", "96MiB", "--history-memory", "32MiB", "--queue-limit", "64MiB", group=group.path)
    await t.good([server.address])
    await flood(t, server.address, 3)
    await t.before()
    t.during()
    # Pages are each session's own; a broadcast is kept once for all. Four are within the rate.
    pages = text({"type": "history", "room": "good"}) * 4
    await sleepers(t, server.address, 500, "good", pages)
    most = server.memory()
    flooding = asyncio.ensure_future(flood(t, server.address, t.seconds(15, 60)))
    while not flooding.done() and server.is_alive():
        most = max(most, server.memory())
        await asyncio.sleep(0.2)
    flooding.cancel()
    t.expect(server.is_alive(), f"the server was killed: {server.child.poll()}")
    if server.is_alive():
        metrics = server.metrics()
        t.note(f"{metrics['parlor_slow_consumers_total']:.0f} cut; {most >> 20} MiB at most")
        await t.descriptors_return()
    await t.judge(connects=True)


# Time


@attack("clock")
async def clock(t):
    """The clock jumps by an hour, forth and back: nobody is disconnected, messages keep their order and come once."""
    library = next((each for each in (Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"),
                                      Path("/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1")) if each.exists()), None)
    if not library:
        raise Impossible("faketime is not installed")
    offset = t.folder / "offset"
    offset.write_text("+0\n")
    server = t.server("--ping", "1s", environment={
        "LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(offset), "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"})
    await t.good([server.address])
    crowd = await t.crowd(200, [server.address])
    await t.before()
    t.during()
    for jump in ("+3600", "+0", "-3600", "+0"):
        offset.write_text(jump + "\n")
        await asyncio.sleep(t.seconds(3, 30))
        client = await Client.open(server.address)
        drift = (await client.next_of("connection"))["server_time"] / 1000 - time.time() - int(jump)
        client.close()
        t.expect(abs(drift) < 5, f"the server's clock did not jump to {jump}")
    t.expect(crowd.joined() == 200, f"{200 - crowd.joined()} were disconnected: {crowd.ends}")
    t.note("+1 h, back, -1 h, back")
    await t.judge()


# Storms


@attack("storm")
async def storm(t):
    """All clients lose their connections and are back at once: within 60 s, without an error, lag of the event loops p99 below 250 ms."""
    server = t.server()
    await t.good([server.address])
    crowd = await t.crowd(t.crowd_size, [server.address], comes_back_within=0.9)
    await t.before()
    t.during()
    for _ in range(t.seconds(2, 6)):
        failures = crowd.failures
        crowd.reset()
        back = await crowd.back(t.crowd_size, 60)
        t.expect(back is not None, f"only {crowd.joined()} of {t.crowd_size} are back after 60 s")
        t.expect(crowd.failures == failures, f"{crowd.failures - failures} connects failed")
    lag = server.lag(t.metrics)
    t.expect(lag <= 0.25, f"lag p99 up to {lag} s")
    t.note(f"{t.crowd_size} back after {back or 60:.1f} s; lag p99 at most {lag * 1000:.0f} ms")
    crowd.is_ending = True
    crowd.reset()
    await t.judge()


@attack("restart-storm")
async def restart_storm(t):
    """The only server is killed and started anew, and all clients come at once: all back within 60 s, nothing acknowledged is lost."""
    server = t.server()
    await t.good([server.address], "--no-newcomers", "--patience", "60")
    crowd = await t.crowd(t.crowd_size, [server.address], comes_back_within=0.9)
    await t.before()
    t.during()
    server.kill()
    t.watched = server = t.own(server.restarted())
    back = await crowd.back(t.crowd_size, 60)
    t.expect(back is not None, f"only {crowd.joined()} of {t.crowd_size} are back after 60 s")
    t.during_ends()
    await asyncio.sleep(3)
    t.note(f"{t.crowd_size} back after {back or 60:.1f} s")
    report = (await t.judge(fast=False, connects=False, stays=False))[0]
    t.expect(report["longest_away"] < 60, f"a good client was away for {report['longest_away']:.0f} s")


# Malformed bytes


def nonsense(randomness):
    """For ever, a dialect (None: there is no handshake) and what a connection sends."""
    corpus = [each.read_bytes() for name in ("requests", "session", "frames", "websocketreader", "requesthead")
              for each in sorted((CORPUS / name).iterdir())]
    while True:
        piece = randomness.choice(corpus)
        noise = randomness.randbytes(randomness.randint(1, 400))
        yield randomness.choice((
            (None, piece), (None, noise), ("v2", piece), ("v1", noise),
            ("v2", frame(TEXT, piece)), ("v1", frame(TEXT, piece)), ("v2", frame(BINARY, noise)),
            ("v2", bytes([0x81, 5]) + b"hello"),                           # unmasked
            ("v2", frame(TEXT, b"\xc0\xaf\xed\xa0\x80")),                  # no UTF-8
            ("v2", frame(TEXT, b"{}", first=0xC0)),                        # a reserved bit
            ("v2", frame(randomness.randint(3, 15), noise[:125])),         # opcodes
            ("v2", frame(PING, b"x" * 126) + frame(CLOSE, b"\x03")),
            ("v2", bytes([0x81, 0xFF]) + b"\x7f" * 8),                     # 2^63 bytes
            ("v2", frame(TEXT, b"[" * 60000)), ("v2", frame(TEXT, b'{"type":' * 50))))


@attack("malformed")
async def malformed(t):
    """Malformed heads, frames and messages as fast as they can be sent, beside 1000 clients: nobody of those is cut."""
    server = t.server()
    await t.good([server.address])
    crowd = await t.crowd(1000, [server.address])
    await t.before()
    t.during()
    source, loop, count = nonsense(t.random), asyncio.get_running_loop(), [0]

    async def one_after_another(number):
        until = time.monotonic() + t.seconds(10, 60)
        while time.monotonic() < until:
            one = tcp(f"127.0.252.{number + 1}")
            try:
                await loop.sock_connect(one, server.address)
                dialect, bytes_ = next(source)
                if dialect:
                    await loop.sock_sendall(one, upgrade(dialect))
                    await asyncio.wait_for(loop.sock_recv(one, 65536), 5)
                await loop.sock_sendall(one, bytes_)
                if t.random.random() < 0.5:  # half of them wait for what comes
                    await asyncio.wait_for(loop.sock_recv(one, 65536), 0.5)
            except OSError:
                pass
            count[0] += 1
            one.close()
    await asyncio.gather(*(one_after_another(i) for i in range(40)))
    t.expect(crowd.joined() == 1000, f"{1000 - crowd.joined()} good clients were cut")
    t.expect(server.is_alive(), f"the server ended: {server.child.poll()}")
    closes = closed(server)
    t.expect(closes.get("1002", 0) + closes.get("1007", 0) > 100, f"closes {closes}")
    t.note(f"{count[0]} connections; closes {closes}")
    await t.descriptors_return()
    t.memory_is_bounded(128)
    await t.judge()


# What goes on for long


async def soak(t, minutes):
    """1000 clients of whom 1 % are exchanged each second: memory and descriptors do not grow."""
    server = t.server("--history-memory", "16MiB")
    crowd = await t.crowd(1000, [server.address], comes_back_within=1)
    await t.good([server.address])
    await t.before()
    t.during()
    samples, begin = [], time.monotonic()
    while (at := time.monotonic() - begin) < minutes * 60:
        members = [each for each in crowd.members.values() if each is not None]
        for each in t.random.sample(members, 10):
            if each.transport is None:
                continue
            if t.random.random() < 0.5:
                reset(each.transport)
            else:
                each.transport.write(frame(CLOSE, b"\x03\xe8"))
        samples.append((at, server.memory() / 2 ** 20, server.descriptors() - server.metrics()["parlor_connections"]))
        await asyncio.sleep(1)
    half = samples[len(samples) // 2:]
    mean = [sum(each[i] for each in half) / len(half) for i in range(2)]
    slope = sum((x - mean[0]) * (y - mean[1]) for x, y, _ in half) / sum((x - mean[0]) ** 2 for x, _, _ in half) * 60
    t.expect(slope < 0.2, f"memory grows by {slope:.2f} MiB a minute")
    others = [sum(each[2] for each in part[-30:]) / len(part[-30:]) for part in (samples[:30], samples)]
    t.expect(others[1] <= others[0] + 4, f"descriptors besides connections: {others[0]:.0f}, then {others[1]:.0f}")
    t.note(f"{len(crowd.ends)} came and went; memory {samples[0][1]:.0f}, {half[0][1]:.0f}, {samples[-1][1]:.0f} MiB at begin, middle "
           f"and end, slope of the second half {slope:+.2f} MiB a minute; descriptors besides connections {others[0]:.0f}, {others[1]:.0f}")
    await t.judge()
