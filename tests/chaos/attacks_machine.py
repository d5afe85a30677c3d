# SPDX-License-Identifier: MIT
"""Attacks by the machine: no descriptors, disk or memory are left, and the clock jumps."""
import asyncio
import time
from pathlib import Path

from attack import attack
from flood import flood, sleepers
from processes import Impossible, MemoryGroup, SmallDisk
from wire import Client, Refused, tcp, text, upgrade, wait_for


@attack("descriptors")
async def descriptors(t):
    """200 descriptors, 400 clients, Redis cut meanwhile: little CPU and log; newcomers enter again within 1 s."""
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
    t.expect(busy < 0.1, f"{busy:.0%} of CPU while nothing could be accepted")
    said = server.said().count("\n") - lines
    t.expect(said < 20, f"{said} lines of log")
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
    """The disk of database and log is full: messages wait, members stay, nothing is lost, and it mends itself."""
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
    """300 MiB in all, 96 MiB for queues, 500 clients that do not read: they are cut before the kernel kills."""
    group = MemoryGroup(300 << 20)
    t.stack.callback(group.end)
    server = t.server("--queue-memory", "96MiB", "--history-memory", "32MiB", "--queue-limit", "64MiB",
                      group=group.path)
    await t.good([server.address], "--no-history")
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


@attack("clock")
async def clock(t):
    """The clock jumps by an hour, forth and back: nobody is disconnected, messages keep their order and come once."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
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
