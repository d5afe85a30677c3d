# SPDX-License-Identifier: MIT
"""What store.py and redis.py share: sides that take turns in the rounds of one run, their medians, ratios and aims."""
import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import report
from compare import ROOT, V1_CONTENT, machine, say
from servers import broken, cores, measure, on_core

# bench_client's arguments, those that replace them for a look, and what its phases are.
RATE = ("fixed-rate", {"clients": 1000, "rooms": 100, "per-second": 1000}, {"clients": 100, "rooms": 10, "per-second": 200},
        ["{rooms} rooms, {clients} clients, {per-second} messages a second"])


def fan_out(*in_flight):
    return ("fanout", {"clients": 1000, "in-flight": ",".join(map(str, in_flight))}, {"clients": 100},
            [f"fan-out 1 -> {{clients}}, {count} in flight" for count in in_flight])


def parser(manual, scenarios):
    found = argparse.ArgumentParser(description=manual, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--bin", type=Path, default=ROOT / "build/release/bin", metavar="DIR",
                       help="where the build put the programs [build/release/bin]")
    found.add_argument("--rounds", type=int, default=5, metavar="N", help="[5]")
    found.add_argument("--seconds", type=float, default=2, metavar="S", help="of each phase [2]")
    found.add_argument("--only", metavar="SCENARIO", action="append", choices=scenarios,
                       help="this scenario (repeatable): " + ", ".join(scenarios))
    found.add_argument("--quick", action="store_true",
                       help="one round of short phases with few clients: whether it works, not how fast")
    found.add_argument("--out", type=Path, metavar="FILE", help="all figures of all rounds, as JSON")
    return found


def checked(options, scenarios):
    given = options.parse_args()
    if given.rounds < 1:
        options.error("--rounds: at least 1")
    if not 0.05 <= given.seconds <= 600:
        options.error("--seconds: from 0.05 to 600")
    if given.out and not given.out.parent.is_dir():
        options.error(f"--out: there is no folder {given.out.parent}; make it first")
    if given.quick:
        given.rounds, given.seconds = 1, 0.3
    given.only = given.only or scenarios
    for program in ("parlor-server", "bench_client", "bench_store"):
        if not (given.bin / program).exists():
            sys.exit(f"{given.bin / program} is not there: build first (cmake --build --preset release), or see --bin")
    return given


class Bench:
    """Keeps what was measured: phases of bench_client, and outcomes of bench_store and redis-benchmark."""

    def __init__(self, given):
        self.given, self.cores, self.round = given, cores(), 0
        self.phases = {}  # by their title, then by side
        self.stored = {}  # outcomes, the same way

    def run(self):
        for self.round in range(1, self.given.rounds + 1):
            self.run_round()

    def run_round(self):
        raise NotImplementedError

    def in_turn(self, sides):
        """None of them always comes first."""
        return sides if self.round % 2 else list(reversed(sides))

    def say(self, text):
        say(f"round {self.round}/{self.given.rounds}  {text}")

    def phases_of(self, scenario, server, processes=1):
        program, arguments, quick, titles = scenario
        arguments = {**arguments, **(quick if self.given.quick else {}), "seconds": self.given.seconds,
                     "warm-up": 0.05 if self.given.quick else 0.3, "content": V1_CONTENT, "dialect": "v1"}
        phases = measure(program, server, arguments, self.given.bin, self.cores, processes)
        phases += [broken("not run, since the one before it is not complete")] * (len(titles) - len(phases))
        return [(title.format(**arguments), phase) for title, phase in zip(titles, phases)]

    def note_phases(self, side, phases):
        for title, phase in phases:
            self.phases.setdefault(title, {}).setdefault(side, []).append(phase)

    def note_stored(self, title, side, outcome):
        self.stored.setdefault(title, {}).setdefault(side, []).append(outcome)

    def bench_store(self, way, *arguments):
        done = subprocess.run([self.given.bin / "bench_store", way, "--seconds", str(self.given.seconds),
                               "--content", str(V1_CONTENT), *map(str, arguments)],
                              capture_output=True, text=True, check=False, preexec_fn=lambda: on_core(None))
        if done.returncode:
            return broken(f"bench_store: {done.stderr.strip()}")
        return {**json.loads(done.stdout), "complete": True, "problem": ""}

    def rows(self, bases):
        """Medians, by title and by side; `bases`: what a side is compared with."""
        found = {title: {side: report.row_of(phases) for side, phases in by_side.items()}
                 for title, by_side in self.phases.items()}
        for title, by_side in self.stored.items():
            found[title] = {side: stored_row(outcomes) for side, outcomes in by_side.items()}
        for by_side in found.values():
            for side, row in by_side.items():
                base = by_side.get(bases.get(side))
                if base and row["complete"] and base["complete"]:
                    compare(row, base)
        return found


def compare(row, base):
    row["rate_to"] = row["per_second"] / base["per_second"]
    if base["cpu_us"]:
        row["cpu_to"] = row["cpu_us"] / base["cpu_us"]
    for which in ("p50", "p99"):
        if base.get(f"{which}_ms") is not None:
            row[f"{which}_more"] = row[f"{which}_ms"] - base[f"{which}_ms"]


def stored_row(outcomes):
    failed = [each for each in outcomes if not each["complete"]]
    if failed:
        return {"complete": False, "problem": failed[0]["problem"]}
    row = {"complete": True, "problem": "", "rounds": len(outcomes), "cpu_us": None,
           "per_second": median(each["messages"] / each["duration_ns"] * 1e9 for each in outcomes)}
    if all("cpu_ns" in each for each in outcomes):
        costs = [each["cpu_ns"] / 1000 / each["messages"] for each in outcomes]
        row.update(cpu_us=median(costs), cpu_us_min=min(costs), cpu_us_max=max(costs))
    if all(each.get("commits") for each in outcomes):
        row["group"] = median(each["messages"] / each["commits"] for each in outcomes)
    if all("redis_ns" in each for each in outcomes):
        row["redis_us"] = median(each["redis_ns"] / 1000 / each["messages"] for each in outcomes)
    return row


COLUMNS = [("CPU us", "cpu_us", "{:.2f}"), ("least", "cpu_us_min", "{:.2f}"), ("most", "cpu_us_max", "{:.2f}"),
           ("cpu_to", "cpu_to", "{:.2f}"), ("a second", "per_second", "{:.0f}"), ("rate_to", "rate_to", "{:.2f}"),
           ("group", "group", "{:.0f}"), ("Redis us", "redis_us", "{:.2f}"), ("carries", "carries", "{:.2f}"),
           ("p50 ms", "p50_ms", "{:.2f}"), ("p50_more", "p50_more", "{:.2f}"), ("p99 ms", "p99_ms", "{:.2f}"),
           ("p99_more", "p99_more", "{:.2f}")]


def table(title, by_side):
    """Only the columns that somebody has a figure for."""
    columns = [(head, key, form) for head, key, form in COLUMNS
               if any(row.get(key) is not None for row in by_side.values())]
    lines = [f"\n{title}", "  " + f"{'':18}" + "".join(f"{head:>10}" for head, _, _ in columns)]
    for side, row in by_side.items():
        if not row["complete"]:
            lines.append(f"  {side:18}  NOT COMPLETE: {row['problem']}")
            continue
        cells = [form.format(row[key]) if row.get(key) is not None else "-" for _, key, form in columns]
        lines.append(f"  {side:18}" + "".join(f"{cell:>10}" for cell in cells))
    return "\n".join(lines)


def verdicts(rows, aims):
    """`aims`: by words of the title, whose figure, and what it may be. They are no tests: nothing fails by them."""
    lines = ["\nAims"]
    for words, whose, figure, bound, value in aims:
        for title, by_side in rows.items():
            found = by_side.get(whose, {}).get(figure)
            if words in title and found is not None:
                is_met = found <= value if bound == "at most" else found >= value
                lines.append(f"  {'met' if is_met else 'MISSED':8}{found:8.2f}, {bound} {value:<5g}{figure} of {whose}: {title}")
    return "\n".join(lines)


def run_and_tell(bench, bases, aims):
    """The exit code: 1 where something did not deliver or store everything."""
    given, before = bench.given, machine()
    bench.run()
    rows = bench.rows(bases)
    print("\n{processor}, {cores} cores, Linux {kernel}, load {load:.1f} before".format(**before)
          + f" and {os.getloadavg()[0]:.1f} after; {given.rounds} rounds, phases of {given.seconds:g} s")
    for title, by_side in rows.items():
        print(table(title, by_side))
    if not given.quick:
        print(verdicts(rows, aims))
    if given.out:
        given.out.write_text(json.dumps({
            "command": sys.argv, "machine": before, "load_after": os.getloadavg()[0], "medians": rows,
            "rounds": {**bench.phases, **bench.stored}}, indent=1) + "\n")
    return 0 if all(row["complete"] for by_side in rows.values() for row in by_side.values()) else 1
