# SPDX-License-Identifier: MIT
"""One attack under measurement: what it runs on, the good client's account, and the verdict."""
import asyncio
import random
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

from processes import Good, Redis, Server
from wire import Crowd

MOST_P99 = 0.25      # seconds: what is faster is not judged, on a machine that does other things besides
MOST_TIMES = 2       # as slow as before
MOST_CONNECT = 1.0   # seconds
MIB = 1 << 20


@dataclass
class Options:
    binaries: object
    folder: object
    is_long: bool
    crowd: int
    seed: int


class Trial:
    """What an attack is given. `during()` begins it, `judge()` ends it."""

    def __init__(self, name, options):
        self.name, self.options, self.crowd_size = name, options, options.crowd
        self.folder = options.folder / name
        self.folder.mkdir(parents=True)
        self.random = random.Random(f"{options.seed} {name}")
        self.stack, self.problems, self.notes = AsyncExitStack(), [], []
        self.watched, self.goods, self.resources, self.report = None, [], {}, None

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        await self.stack.aclose()

    def seconds(self, short, long):
        return long if self.options.is_long else short

    def server(self, *arguments, name=None, **settings):
        """A server; the first one is the one that is measured."""
        name = name or f"server{len(list(self.folder.glob('server*.log'))) + 1}"
        if "--store" not in arguments and "--redis" not in arguments:
            arguments = ("--store", f"sqlite:{self.folder / name}.db", *arguments)
        server = self.own(Server(self.options.binaries, self.folder, name, arguments, **settings))
        self.watched = self.watched or server
        return server

    def own(self, process):
        self.stack.callback(process.kill)
        return process

    def redis(self, **where):
        return self.own(Redis(self.folder, **where))

    def cluster(self, count, url, *arguments):
        common = ("--redis", url, "--secret-file", self.folder / "secret", *arguments)
        return [self.server(*common, name=f"server{i + 1}") for i in range(count)]

    async def crowd(self, count, addresses, comes_back_within=None, **how):
        crowd = Crowd(self.random, comes_back_within)
        self.stack.push_async_callback(crowd.end)
        await crowd.open(count, addresses, **how)
        if crowd.joined() < count:
            raise RuntimeError(f"of the crowd only {crowd.joined()} of {count} joined: {crowd.ends[-5:]}")
        return crowd

    async def good(self, addresses, *arguments):
        name = f"good{len(self.goods) + 1}"
        good = self.own(Good(self.folder, name, addresses, "--seed", self.options.seed, *arguments))
        self.goods.append(good)
        await good.line()
        return good

    async def before(self, seconds=4):
        """The good client is measured without an attack."""
        await asyncio.sleep(seconds)

    def during(self):
        for each in self.goods:
            each.phase("during")
        self.resources = {"descriptors": self.watched.descriptors(), "memory": self.watched.memory()}
        self.begun = time.monotonic(), self.watched.cpu(), self.watched.pid
        self.metrics = self.watched.metrics()

    def during_ends(self):
        """What comes now is no longer the attack's."""
        for each in self.goods:
            each.phase("after")
        self.measure_cpu()

    def measure_cpu(self):
        wall, cpu, pid = self.begun
        if "cpu" not in self.resources and self.watched.is_alive() and self.watched.pid == pid:
            self.resources["cpu"] = (self.watched.cpu() - cpu) / (time.monotonic() - wall)

    def expect(self, condition, problem):
        if not condition:
            self.problems.append(problem)
        return bool(condition)

    def note(self, words):
        self.notes.append(words)

    async def descriptors_return(self, more=0, within=15):
        """The server gives back what the attack took, but for `more`."""
        bound, deadline = self.resources["descriptors"] + more, time.monotonic() + within
        while (now := self.watched.descriptors()) > bound + 4 and time.monotonic() < deadline:  # 4: newcomers
            await asyncio.sleep(0.1)
        self.expect(now <= bound + 4, f"{now} descriptors, {self.resources['descriptors']} before")

    def memory_is_bounded(self, mebibytes):
        grown = (self.watched.memory() - self.resources["memory"]) / MIB
        self.expect(grown <= mebibytes, f"memory grew by {grown:.0f} MiB, more than {mebibytes}")

    async def judge(self, fast=True, connects=True, stays=True, told=False):
        """Ends the good clients. `fast`, `connects`, `stays`: p99, newcomers and connections of the first one are judged,
        too. `told`: messages may be lost, but then members are told so."""
        self.measure_cpu()
        if fast:  # tells a busy server from a busy machine
            self.lag = self.watched.lag(self.metrics)
        reports = [await each.end() for each in self.goods]
        for number, report in enumerate(reports):
            self.verdict_of(report, "" if number == 0 else f"good client {number + 1}: ", fast and number == 0,
                            connects and number == 0, stays and number == 0, told)
        if self.watched.is_alive():
            self.resources |= {"descriptors_after": self.watched.descriptors(), "memory_after": self.watched.memory()}
        self.report = reports[0]
        return reports

    def verdict_of(self, report, who, fast, connects, stays, told):
        before, during = (report["phases"].get(name) for name in ("before", "during"))
        self.expect(not report["failed"], f"{who}the good client failed: {report['failed']}")
        self.expect(report["acknowledged"], f"{who}nothing was acknowledged")
        if not told:
            self.expect(not report["lost"], f"{who}lost {report['lost']}")
            self.expect(not report.get("forgotten"), f"{who}not in the history {report.get('forgotten')}")
            self.expect(not report["reordered"], f"{who}out of order {report['reordered']}")
        elif report["lost"]:
            self.expect(report["told"], f"{who}lost {report['lost']}, and nobody was told")
        self.expect(not report["doubled"], f"{who}doubled {report['doubled']}")
        self.expect(not report["unanswered"], f"{who}never acknowledged {report['unanswered']}")
        if fast:
            bound = max(MOST_P99, MOST_TIMES * before["p99"])
            self.expect(during["heard"] and during["p99"] <= bound,
                        f"{who}p99 {during['p99'] * 1000:.0f} ms, more than {bound * 1000:.0f}; lag of the server's event "
                        f"loops p99 to {self.lag * 1000:.0f} ms")
        if connects:
            self.expect(not during["refusals"], f"{who}newcomers were refused: {during['refusals']}")
            self.expect(during["slowest_connect"] <= MOST_CONNECT,
                        f"{who}a newcomer waited {during['slowest_connect']:.1f} s")
        if stays:
            self.expect(not report["moves"], f"{who}lost its connection {report['moves']} times: {report['ends']}")


def closed(server):
    """How many connections the server has closed, by code."""
    return {name.split('"')[1]: int(value) for name, value in server.metrics().items()
            if name.startswith("parlor_closes_total") and value}
