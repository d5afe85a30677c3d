#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""redis.py: what many instances on one Redis cost, beside memory, beside one instance, and beside the bare script.

The sides of each ratio take turns in the rounds of one run, each on a Redis of its own; the figures are medians.
docs/performance.md says what each column means. Exit code 1: something did not deliver or store everything. Missed aims
fail nothing. Exit code 77: redis-server or redis-benchmark is not installed.
"""
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import sides
from compare import V1_CONTENT
from servers import IN_MEMORY, PARLOR_OPTIONS, CannotStart, Server, broken, on_core

FAN_OUT = sides.fan_out(1, 16)
SERVERS = {"1 server": (1, 1), "3 servers": (3, 1), "3 full servers": (3, 3)}  # how many, and thousands of members
PIPELINE = 16               # redis-benchmark's -P
CONNECTIONS = [1, 50]       # and its -c
GUESSED_PER_SECOND = 40_000  # of the bare script: how many make a phase
SKIPPED = 77
SCENARIOS = ["fanout", "fixed-rate", "servers", "stored"]
BASES = {"redis": "memory", "engine": "bare script", "3 servers": "1 server", "3 full servers": "1 server"}
AIMS = [("fan-out", "redis", "cpu_to", "at most", 1.1), ("messages a second", "redis", "p99_more", "at most", 3),
        ("one room", "3 servers", "carries", "at least", 2.7), ("one room", "3 full servers", "carries", "at least", 2.7),
        ("kept:", "engine", "rate_to", "at least", 0.7)]


class Redis:
    """A redis-server that writes no file, on a socket in a folder of its own."""

    def __init__(self, core):
        self.core = core

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="bench-redis-")
        self.socket = f"{self.folder.name}/socket"
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", self.socket, "--save", "", "--dir", self.folder.name],
            stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, preexec_fn=lambda: on_core(self.core))
        deadline = time.monotonic() + 10
        while not Path(self.socket).exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise CannotStart("redis-server does not start")
            time.sleep(0.01)
        return self

    @property
    def url(self):
        return f"unix:{self.socket}"

    def cpu_ns(self):
        return int(Path(f"/proc/{self.process.pid}/schedstat").read_text().split()[0])

    def ask(self, *words):
        return subprocess.run(["redis-cli", "-s", self.socket, *words], capture_output=True, text=True, check=True).stdout.strip()

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()


class RedisBench(sides.Bench):
    def run_round(self):
        for scenario in (each for each in (FAN_OUT, sides.RATE) if each[0] in self.given.only):
            for side in self.in_turn(["memory", "redis"]):
                self.say(f"{scenario[0]:14} {side}")
                self.note_phases(side, self.deliver(scenario, side == "redis"))
        for side in self.in_turn(list(SERVERS)) if "servers" in self.given.only else []:
            self.say(f"{'servers':14} {side}")
            self.note_phases(side, self.spread(*SERVERS[side]))
        for connections in CONNECTIONS if "stored" in self.given.only else []:
            under_way = PIPELINE * connections
            title = f"kept: {under_way} messages under way (redis-benchmark -c {connections} -P {PIPELINE})"
            self.say(title)
            for side in self.in_turn(["engine", "bare script"]):
                with Redis(None) as redis:
                    keep = self.keep_by_engine if side == "engine" else self.keep_bare
                    outcome = keep(redis, under_way if side == "engine" else connections)
                self.note_stored(title, side, outcome)

    def spread(self, servers, thousands):
        program, arguments, quick, titles = FAN_OUT
        clients = {"clients": thousands * (quick if self.given.quick else arguments)["clients"]}
        titles = ["one room" + title.partition("{clients}")[2] for title in titles]
        return self.deliver((program, {**arguments, **clients}, clients, titles), True, servers)

    def deliver(self, scenario, has_redis, servers=1):
        program = str(self.given.bin / "parlor-server")
        if not has_redis:
            return self.phases_of(scenario, Server("memory", "v1", [program, *PARLOR_OPTIONS, *IN_MEMORY]))
        with Redis(self.cores[1]) as redis:  # the client's: the server's is the server's own on both sides
            phases = self.phases_of(scenario, Server("redis", "v1", [program, *PARLOR_OPTIONS, "--redis", redis.url]),
                                    servers)
            title, last = phases[-1]
            if last["complete"] and redis.ask("--scan", "--pattern", "parlor:{*}:s") == "":
                phases[-1] = (title, broken("it stored nothing"))
        return phases

    def keep_by_engine(self, redis, under_way):
        before = redis.cpu_ns()
        outcome = self.bench_store("engine", "--redis", redis.url, "--rooms", 1, "--under-way", under_way)
        if outcome["complete"]:
            kept = int(redis.ask("HGET", "bench:{room0}:t", "seq") or 0)
            if kept != outcome["messages"]:
                return broken(f"Redis has {kept} of {outcome['messages']} messages")
        return {**outcome, "redis_ns": redis.cpu_ns() - before}

    def keep_bare(self, redis, connections):
        script = json.loads(subprocess.run([self.given.bin / "bench_store", "publish-script", "--content", str(V1_CONTENT)],
                                           capture_output=True, text=True, check=True).stdout)
        words = [each.replace("\0", ":") for each in script["keys"] + script["arguments"]]  # no NUL in a command line
        sha = redis.ask("SCRIPT", "LOAD", script["text"])
        count = round(GUESSED_PER_SECOND * self.given.seconds)
        before = redis.cpu_ns()
        done = subprocess.run(["redis-benchmark", "-s", redis.socket, "-c", str(connections), "-P", str(PIPELINE),
                               "-n", str(count), "-r", "1000000000", "--csv",
                               "EVALSHA", sha, str(len(script["keys"])), *words],
                              capture_output=True, text=True, check=False, preexec_fn=lambda: on_core(None))
        used, kept = redis.cpu_ns() - before, int(redis.ask("HGET", "bench:{room0}:t", "seq") or 0)
        if done.returncode or kept < 0.999 * count:  # a few numbers are drawn twice, and are resends then
            return broken(f"redis-benchmark: {kept} of {count} messages are kept: {(done.stderr or done.stdout).strip()}")
        rate = float(done.stdout.strip().rsplit(",", 7)[1].strip('"'))  # it does not escape the command in front
        return {"complete": True, "problem": "", "messages": count, "duration_ns": count / rate * 1e9, "redis_ns": used}

    def rows(self, bases):
        """Three servers have three times the CPU of one."""
        found = super().rows(bases)
        for by_side in found.values():
            for side in SERVERS.keys() & by_side.keys():
                if "cpu_to" in by_side[side]:
                    by_side[side]["carries"] = SERVERS[side][0] / by_side[side]["cpu_to"]
        return found


def main():
    missing = [each for each in ("redis-server", "redis-cli", "redis-benchmark") if not shutil.which(each)]
    if missing:
        print(f"skipped: {missing[0]} is not installed (apt install redis-server redis-tools)", file=sys.stderr)
        return SKIPPED
    return sides.run_and_tell(RedisBench(sides.checked(sides.parser(__doc__, SCENARIOS), SCENARIOS)), BASES, AIMS)


if __name__ == "__main__":
    sys.exit(main())
