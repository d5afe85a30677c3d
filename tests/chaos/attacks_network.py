# SPDX-License-Identifier: MIT
"""Attacks on Redis and on the network."""
import asyncio
import time

from attack import attack
from processes import Cable, Proxy
from wire import tcp, wait_for


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
    t.expect(after["p99"] < 0.25 and not after["refusals"], 
             f"afterwards p99 {after['p99'] * 1000:.0f} ms, {after['refusals']}")
    t.note(f"{report['refused']} refusals, which were sent again" + (f"; told {report['told']} times" if told else ""))
    if rejects:
        t.expect(report["refused"], "nothing was refused: was there a fault?")
    return report


@attack("redis-outage")
async def redis_outage(t):
    """Redis is killed and comes back: /health stays 200, no client is disconnected, nothing is lost."""
    await trouble_of_redis(t, lambda redis: redis.kill(), lambda redis: t.own(redis.restarted()), 8, 60)


@attack("redis-flushall")
async def redis_flushall(t):
    """Redis forgets everything: the clients are told, and go on."""
    report = await trouble_of_redis(t, lambda redis: redis.command("FLUSHALL"), lambda redis: None, 5, 10,
                                     rejects=False, told=True)
    t.expect(report["told"], "nobody was told that messages are gone")


@attack("redis-pause")
async def redis_pause(t):
    """CLIENT PAUSE: messages wait or are refused; nothing is lost."""
    await trouble_of_redis(t, lambda redis: redis.command("CLIENT", "PAUSE", t.seconds(5, 30) * 1000),
                           lambda redis: None, 5, 30, rejects=False)


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
    t.stack.callback(proxy.end)

    def slow(seconds):
        proxy.delay = seconds
    await trouble_of_redis(t, lambda _: slow(0.5), lambda _: slow(0), 8, 60, rejects=False, redis=redis,
                           url=f"redis://127.0.0.1:{proxy.port}")


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
    """The network to 500 clients loses every packet: gone from the server by ping interval and pong deadline."""
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
