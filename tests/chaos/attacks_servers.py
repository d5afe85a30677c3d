# SPDX-License-Identifier: MIT
"""Attacks on servers: they die, stop, are replaced, and all clients come at once."""
import asyncio
import signal
import socket
import time

from attack import attack
from wire import CLOSE, frame, reset, wait_for


@attack("kill")
async def kill(t):
    """One of three servers is killed: all its clients are back within 30 s, nothing is lost, others are unaffected."""
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
        t.expect(len(crowd.ends) == count and not others,
                 f"{len(crowd.ends)} of {count} closed, with {others} beside {code}")
    t.expect(servers[0].child.poll() == 0, f"exit code {servers[0].child.poll()}")
    await t.judge()


@attack("storm")
async def storm(t):
    """All clients are cut and come at once: back within 60 s, no error, lag of the event loops p99 to 250 ms."""
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
    """The only server is killed and started anew, and all clients come at once: back within 60 s, nothing is lost."""
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


async def soak(t, minutes):
    """1000 clients of whom 1 % are exchanged each second: memory and descriptors do not grow."""
    server = t.server("--history-memory", "16MiB")
    crowd = await t.crowd(1000, [server.address], comes_back_within=1)
    await t.good([server.address], "--no-history")
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
    t.note(f"{len(crowd.ends)} came and went; memory {samples[0][1]:.0f}, {half[0][1]:.0f}, {samples[-1][1]:.0f} MiB at "
           f"begin, middle and end, slope of the second half {slope:+.2f} MiB a minute; descriptors besides connections "
           f"{others[0]:.0f}, {others[1]:.0f}")
    await t.judge()
