#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""compare.py: what a delivery and a connection cost Parlor, other servers, and a floor of bare sends.

Each server runs on one core and the client on another, one after the other, in rounds; the figures are medians.
Ctrl-C or SIGTERM ends it with the figures so far.
docs/performance.md says what each column means. Exit code 1: some server did not deliver everything.
"""
import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import report
from servers import all_servers, broken, cores, measure

ROOT = Path(__file__).resolve().parents[2]
V1_CONTENT = 64       # bytes of a message's content, where JSON is around it
SECONDS = 2           # of a phase, where its scenario says nothing else
PARLOR_PAYLOAD = 313  # bytes of Parlor's frame for it, where Parlor itself does not run


@dataclass
class Scenario:
    """`arguments` are bench_client's, `quick` those that replace them for a look; `phases` names what it measures."""
    name: str
    kind: str
    arguments: dict
    quick: dict
    phases: list
    without: str = ""  # a family of servers that cannot: what they have no part for


SCENARIOS = [
    Scenario("fanout", "deliveries", {"clients": 1000, "in-flight": "1,4,16"}, {"clients": 100, "seconds": 0.25},
             [f"fan-out 1 -> {{clients}}, {count} in flight" for count in (1, 4, 16)]),
    Scenario("rooms-of-one", "deliveries", {"clients": 1000}, {"clients": 100},
             ["{clients} rooms of one, each waits for its own"]),
    Scenario("fixed-rate", "deliveries", {"clients": 5000, "rooms": 100, "per-second": 500},
             {"clients": 200, "rooms": 10, "per-second": 200},
             ["{rooms} rooms, {clients} clients, {per-second} messages a second, from the planned time"]),
    Scenario("storm", "connections", {"clients": 10000, "at-once": 256}, {"clients": 500},
             ["connect storm, {at-once} at once"]),
    Scenario("sleepers", "deliveries",
             {"clients": 500, "rooms": 1, "per-second": 200, "content": 4096, "others": 500, "seconds": 5},
             {"clients": 50, "others": 10, "seconds": 0.3},
             ["one room of {clients}, {per-second} messages of 4 KiB a second",
              "the same, and {others} who never read"], without="floor"),
    Scenario("reconnects", "deliveries", {"clients": 1000, "rooms": 100, "per-second": 500, "others": 10000, "at-once": 256},
             {"clients": 50, "rooms": 10, "others": 100},
             ["{rooms} rooms, {clients} clients, {per-second} messages a second",
              "the same, while {others} connect and join"]),
    Scenario("idle", "connections", {"clients": 15000, "at-once": 64}, {"clients": 1000}, ["idle connections"]),
]
PROGRAM_SCENARIO = {"storm": "connections", "idle": "connections"}


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, default=ROOT / "build/release/bin", metavar="DIR",
                        help="where the build put the programs [build/release/bin]")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="[5]")
    parser.add_argument("--seconds", type=float, metavar="S", help=f"of each phase [{SECONDS}, of sleepers 5]")
    parser.add_argument("--only", metavar="SCENARIO", action="append", choices=[each.name for each in SCENARIOS],
                        help="this scenario (repeatable): " + ", ".join(each.name for each in SCENARIOS))
    parser.add_argument("--peers", metavar="A,B", type=lambda text: text.split(","),
                        help="only these servers: parlor, floor, ws, fastapi, qwebsocketserver, libwebsockets, "
                             "or one of two ways, as parlor/send")
    parser.add_argument("--quick", action="store_true",
                        help="one round of less than a second a scenario with few clients, Parlor and the floor only")
    parser.add_argument("--out", type=Path, metavar="FILE", help="all figures of all rounds, as JSON")
    given = parser.parse_args()
    if given.rounds < 1:
        parser.error("--rounds: at least 1")
    if given.seconds is not None and not 0.05 <= given.seconds <= 600:
        parser.error("--seconds: from 0.05 to 600")
    if given.out and not given.out.parent.is_dir():
        parser.error(f"--out: there is no folder {given.out.parent}; make it first")
    if given.quick:
        given.rounds, given.seconds = 1, 0.5
        given.peers = given.peers or ["parlor", "floor"]
    return given


def chosen(servers, names):
    for name in names or []:
        if not any(name in (server.name, server.family) for server in servers):
            sys.exit(f"compare.py knows no server {name}. It knows: " + ", ".join(server.name for server in servers))
    found = [server for server in servers
             if (server.name in names or server.family in names if names else not server.is_faulty)]
    for server in found:
        if not server.missing and server.prepare:
            server.missing = server.prepare()
    return found


class Comparison:
    """Runs what was asked for and keeps every phase of every round."""

    def __init__(self, given, servers):
        self.given, self.servers = given, servers
        self.cores = cores()
        self.payload = {}  # of Parlor's frames, by scenario: what the other servers are given to send
        self.phases = {}   # by title of the phase, then by server
        self.kinds = {}
        self.round = 0
        self.machine, self.began = machine(), time.time()

    def run(self):
        scenarios = [each for each in SCENARIOS if not self.given.only or each.name in self.given.only]
        for self.round in range(1, self.given.rounds + 1):
            for scenario in scenarios:
                for server in self.servers:
                    if not server.missing and server.family != scenario.without:
                        say(f"round {self.round}/{self.given.rounds}  {scenario.name:14} {server.name}")
                        self.run_one(scenario, server)
            self.save()

    def run_one(self, scenario, server):
        arguments = {**scenario.arguments}
        if self.given.seconds:
            arguments["seconds"] = self.given.seconds
        arguments.setdefault("seconds", SECONDS)
        if self.given.quick:
            arguments.update({"warm-up": 0.05, **scenario.quick})
        titles = [title.format(**arguments) for title in scenario.phases]
        if scenario.name in server.at_most:
            who = "others" if "others" in arguments else "clients"
            arguments[who] = min(arguments[who], server.at_most[scenario.name])
        arguments["dialect"] = server.dialect
        if "content" not in arguments:
            arguments["content"] = (V1_CONTENT if server.dialect == "v1"
                                    else self.payload.get(scenario.name, PARLOR_PAYLOAD))
        arguments.update(server.arguments)
        phases = measure(PROGRAM_SCENARIO.get(scenario.name, scenario.name), server, arguments, self.given.bin, self.cores)
        # A phase that is not complete is the last one.
        phases += [broken("not run, since the one before it is not complete")] * (len(titles) - len(phases))
        for title, phase in zip(titles, phases):
            self.kinds[title] = scenario.kind
            self.phases.setdefault(title, {}).setdefault(server.name, []).append(phase)
            if server.family == "parlor" and phase.get("deliveries"):
                self.payload[scenario.name] = round(phase["payload_bytes"] / phase["deliveries"])

    def save(self):
        """What there is so far: after each round, so that a run that is killed loses no more than one."""
        if self.given.out:
            self.given.out.write_text(json.dumps({
                "command": sys.argv, "machine": self.machine, "load_after": os.getloadavg()[0],
                "seconds": time.time() - self.began, "round": self.round,
                "skipped": {server.name: server.missing for server in self.servers if server.missing},
                "medians": self.rows(), "rounds": self.phases}, indent=1) + "\n")

    def rows(self):
        found = {}
        for title, by_server in self.phases.items():
            found[title] = {name: report.row_of(phases) for name, phases in by_server.items()}
            report.add_ratios(found[title], self.servers)
        return found


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    return {"processor": model, "cores": os.cpu_count(), "kernel": platform.release(), "load": os.getloadavg()[0]}


def say(text):
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
    else:
        print(text, file=sys.stderr, flush=True)


def main():
    given = options()
    for program in ("parlor-server", "bench_client", "bench_floor"):
        if not (given.bin / program).exists():
            sys.exit(f"{given.bin / program} is not there: build first (cmake --build --preset release), or see --bin")
    comparison = Comparison(given, chosen(all_servers(given.bin), given.peers))
    # Also where it runs in the background, and a shell made it deaf to Ctrl-C.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    before = comparison.machine
    try:
        comparison.run()
        rounds = f"{given.rounds} rounds"
        is_whole = True
    except KeyboardInterrupt:
        is_whole = False
        rounds = f"interrupted in round {comparison.round} of {given.rounds}"
    rows = comparison.rows()
    print("\n{processor}, {cores} cores, Linux {kernel}, load {load:.1f} before".format(**before)
          + f" and {os.getloadavg()[0]:.1f} after; {rounds}, phases of {given.seconds or SECONDS:g} s")
    if comparison.cores[0] is None:
        print("One core only: servers and client shared it, and the figures mean little.")
    if not rows:
        print(report.table("Nothing was measured", "deliveries", {}, comparison.servers))
    for title, by_server in rows.items():
        print(report.table(title, comparison.kinds[title], by_server, comparison.servers))
    if not given.quick:  # so few clients show whether it works, not how fast
        print(report.aims(rows))
    comparison.save()
    if not is_whole:
        return 130
    return 0 if all(row["complete"] for by_server in rows.values() for row in by_server.values()) and rows else 1


if __name__ == "__main__":
    sys.exit(main())
