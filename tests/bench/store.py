#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""store.py: what the SQLite store costs, beside memory and beside a bare loop of the same inserts.

Both sides of each ratio take turns in the rounds of one run; the figures are medians. docs/performance.md says what each
column means. Exit code 1: something did not deliver or store everything. Missed aims fail nothing.
"""
import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from statistics import median

import report
from compare import ROOT, V1_CONTENT, machine, say
from servers import PARLOR_OPTIONS, Server, broken, cores, measure, on_core

# bench_client's arguments, those that replace them for a look, and what its phases are.
FANOUT = ("fanout", {"clients": 1000, "in-flight": "1,4,16"}, {"clients": 100},
          [f"fan-out 1 -> {{clients}}, {count} in flight" for count in (1, 4, 16)])
RATE = ("fixed-rate", {"clients": 1000, "rooms": 100, "per-second": 1000}, {"clients": 100, "rooms": 10, "per-second": 200},
        ["{rooms} rooms, {clients} clients, {per-second} messages a second"])
ROOMS = ("rooms-of-one", {"clients": 1000}, {"clients": 100}, ["{clients} rooms of one, each waits for its own"])
FILLINGS = [(16, 64), (16, 1024), (1000, 1024)]  # rooms, and messages that wait for their commit at any time
SCENARIOS = ["fanout", "fixed-rate", "rooms-of-one", "stored"]


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, default=ROOT / "build/release/bin", metavar="DIR",
                        help="where the build put the programs [build/release/bin]")
    parser.add_argument("--folder", type=Path, metavar="DIR",
                        help="on the disk to be measured: stores are made there and removed [beside --bin]")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="[5]")
    parser.add_argument("--seconds", type=float, default=2, metavar="S", help="of each phase [2]")
    parser.add_argument("--only", metavar="SCENARIO", action="append", choices=SCENARIOS,
                        help="this scenario (repeatable): " + ", ".join(SCENARIOS))
    parser.add_argument("--quick", action="store_true",
                        help="one round of short phases with few clients: whether it works, not how fast")
    parser.add_argument("--out", type=Path, metavar="FILE", help="all figures of all rounds, as JSON")
    given = parser.parse_args()
    if given.rounds < 1:
        parser.error("--rounds: at least 1")
    if not 0.05 <= given.seconds <= 600:
        parser.error("--seconds: from 0.05 to 600")
    if given.out and not given.out.parent.is_dir():
        parser.error(f"--out: there is no folder {given.out.parent}; make it first")
    if given.quick:
        given.rounds, given.seconds = 1, 0.3
    given.folder = given.folder or given.bin.parent
    return given


class Bench:
    def __init__(self, given):
        self.given = given
        self.cores = cores()
        self.deliveries = {}  # phases, by their title and the server's name
        self.stored = {}      # outcomes, by title and by who stored

    def run(self):
        only = self.given.only or SCENARIOS
        for number in range(1, self.given.rounds + 1):
            names = ["memory", "sqlite"] if number % 2 else ["sqlite", "memory"]  # neither always comes first
            for scenario in (each for each in (FANOUT, RATE, ROOMS) if each[0] in only):
                for name in names:
                    say(f"round {number}/{self.given.rounds}  {scenario[0]:14} {name}")
                    self.deliver(scenario, name)
            for rooms, under_way in FILLINGS if "stored" in only else []:
                title = f"stored: {rooms} rooms, {under_way} messages under way"
                say(f"round {number}/{self.given.rounds}  {title}")
                self.store(title, rooms, under_way)

    def deliver(self, scenario, name):
        program, arguments, quick, titles = scenario
        arguments = {**arguments, **(quick if self.given.quick else {}), "seconds": self.given.seconds,
                     "warm-up": 0.05 if self.given.quick else 0.3, "content": V1_CONTENT, "dialect": "v1"}
        titles = [title.format(**arguments) for title in titles]
        with tempfile.TemporaryDirectory(prefix="bench-store-", dir=self.given.folder) as folder:
            store = ["--store", f"sqlite:{folder}/parlor.db"] if name == "sqlite" else []
            server = Server(name, "v1", [str(self.given.bin / "parlor-server"), *PARLOR_OPTIONS, *store])
            phases = measure(program, server, arguments, self.given.bin, self.cores)
            if store and phases[-1]["complete"] and not messages_in(f"{folder}/parlor.db"):
                phases = [broken("it stored nothing")]
        phases += [broken("not run, since the one before it is not complete")] * (len(titles) - len(phases))
        for title, phase in zip(titles, phases):
            self.deliveries.setdefault(title, {}).setdefault(name, []).append(phase)

    def store(self, title, rooms, under_way):
        engine = self.fill("engine", "--rooms", rooms, "--under-way", under_way)
        group = round(engine["messages"] / engine["commits"]) if engine["complete"] else under_way
        bare = self.fill("bare", "--rooms", rooms, "--group", group)
        by_who = self.stored.setdefault(title, {})
        by_who.setdefault("engine", []).append(engine)
        by_who.setdefault("bare loop", []).append(bare)

    def fill(self, way, *arguments):
        with tempfile.TemporaryDirectory(prefix="bench-store-", dir=self.given.folder) as folder:
            done = subprocess.run([self.given.bin / "bench_store", way, "--store", f"{folder}/parlor.db", "--seconds",
                                   str(self.given.seconds), "--content", str(V1_CONTENT), *map(str, arguments)],
                                  capture_output=True, text=True, check=False, preexec_fn=lambda: on_core(None))
        if done.returncode:
            return broken(f"bench_store: {done.stderr.strip()}")
        return {**json.loads(done.stdout), "complete": True, "problem": ""}

    def rows(self):
        """Medians, by title and by who."""
        found = {title: {name: report.row_of(phases) for name, phases in by_name.items()}
                 for title, by_name in self.deliveries.items()}
        for title, by_who in self.stored.items():
            found[title] = {who: stored_row(outcomes) for who, outcomes in by_who.items()}
        for by_name in found.values():
            (name, row), (_, base) = sorted(by_name.items(), key=lambda each: each[0] not in ("sqlite", "engine"))
            if row["complete"] and base["complete"]:
                row["cpu_to"] = row["cpu_us"] / base["cpu_us"]
                row["rate_to"] = row["per_second"] / base["per_second"]
                if name == "sqlite":
                    row["p50_more"] = row["p50_ms"] - base["p50_ms"]
        return found


def messages_in(path):
    if not os.path.exists(path):
        return 0
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT count(*) FROM messages").fetchone()[0]


def stored_row(outcomes):
    failed = [each for each in outcomes if not each["complete"]]
    if failed:
        return {"complete": False, "problem": failed[0]["problem"]}
    costs = [each["cpu_ns"] / 1000 / each["messages"] for each in outcomes]
    return {"complete": True, "problem": "", "rounds": len(outcomes), "cpu_us": median(costs), "cpu_us_min": min(costs),
            "cpu_us_max": max(costs), "group": median(each["messages"] / each["commits"] for each in outcomes),
            "per_second": median(each["messages"] / each["duration_ns"] * 1e9 for each in outcomes)}


COLUMNS = [("CPU us", "cpu_us", "{:.2f}"), ("least", "cpu_us_min", "{:.2f}"), ("most", "cpu_us_max", "{:.2f}"),
           ("cpu_to", "cpu_to", "{:.2f}"), ("a second", "per_second", "{:.0f}"), ("rate_to", "rate_to", "{:.2f}"),
           ("group", "group", "{:.0f}"), ("p50 ms", "p50_ms", "{:.2f}"), ("p50_more", "p50_more", "{:.2f}"),
           ("p99 ms", "p99_ms", "{:.2f}")]


def table(title, by_name):
    lines = [f"\n{title}", "  " + f"{'':18}" + "".join(f"{head:>10}" for head, _, _ in COLUMNS)]
    for name, row in by_name.items():
        if not row["complete"]:
            lines.append(f"  {name:18}  NOT COMPLETE: {row['problem']}")
            continue
        cells = [form.format(row[key]) if row.get(key) is not None else "-" for _, key, form in COLUMNS]
        lines.append(f"  {name:18}" + "".join(f"{cell:>10}" for cell in cells))
    return "\n".join(lines)


# By words of the title: whose figure, and what it may be.
AIMS = [("fan-out", "sqlite", "cpu_to", "at most", 1.1), ("messages a second", "sqlite", "p50_more", "at most", 2),
        ("stored:", "engine", "rate_to", "at least", 0.7)]


def aims(rows):
    lines = ["\nAims"]
    for words, whose, figure, bound, value in AIMS:
        for title, by_name in rows.items():
            found = by_name.get(whose, {}).get(figure)
            if words in title and found is not None:
                is_met = found <= value if bound == "at most" else found >= value
                lines.append(f"  {'met' if is_met else 'MISSED':8}{found:8.2f}, {bound} {value:<5g}{figure} of {whose}: {title}")
    return "\n".join(lines)


def main():
    given = options()
    for program in ("parlor-server", "bench_client", "bench_store"):
        if not (given.bin / program).exists():
            sys.exit(f"{given.bin / program} is not there: build first (cmake --build --preset release), or see --bin")
    bench, before = Bench(given), machine()
    bench.run()
    rows = bench.rows()
    print("\n{processor}, {cores} cores, Linux {kernel}, load {load:.1f} before".format(**before)
          + f" and {os.getloadavg()[0]:.1f} after; {given.rounds} rounds, phases of {given.seconds:g} s")
    for title, by_name in rows.items():
        print(table(title, by_name))
    if not given.quick:
        print(aims(rows))
    if given.out:
        given.out.write_text(json.dumps({
            "command": sys.argv, "machine": before, "load_after": os.getloadavg()[0], "medians": rows,
            "rounds": {**bench.deliveries, **bench.stored}}, indent=1) + "\n")
    return 0 if all(row["complete"] for by_name in rows.values() for row in by_name.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
