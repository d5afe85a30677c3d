#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""store.py: what the SQLite store costs, beside memory and beside a bare loop of the same inserts.

Both sides of each ratio take turns in the rounds of one run; the figures are medians. docs/performance.md says what each
column means. Exit code 1: something did not deliver or store everything. Missed aims fail nothing.
"""
import os
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import sides
from servers import IN_MEMORY, PARLOR_OPTIONS, Server, broken

ROOMS = ("rooms-of-one", {"clients": 1000}, {"clients": 100}, ["{clients} rooms of one, each waits for its own"])
CLIENTS = [sides.fan_out(1, 4, 16), sides.RATE, ROOMS]
FILLINGS = [(16, 64), (16, 1024), (1000, 1024)]  # rooms, and messages that wait for their commit at any time
SCENARIOS = ["fanout", "fixed-rate", "rooms-of-one", "stored"]
BASES = {"sqlite": "memory", "engine": "bare loop"}
AIMS = [("fan-out", "sqlite", "cpu_to", "at most", 1.1), ("messages a second", "sqlite", "p50_more", "at most", 2),
        ("stored:", "engine", "rate_to", "at least", 0.7)]


def options():
    parser = sides.parser(__doc__, SCENARIOS)
    parser.add_argument("--folder", type=Path, metavar="DIR",
                        help="on the disk to be measured: stores are made there and removed [beside --bin]")
    given = sides.checked(parser, SCENARIOS)
    given.folder = given.folder or given.bin.parent
    return given


class StoreBench(sides.Bench):
    def run_round(self):
        for scenario in (each for each in CLIENTS if each[0] in self.given.only):
            for side in self.in_turn(["memory", "sqlite"]):
                self.say(f"{scenario[0]:14} {side}")
                self.deliver(scenario, side)
        for rooms, under_way in FILLINGS if "stored" in self.given.only else []:
            title = f"stored: {rooms} rooms, {under_way} messages under way"
            self.say(title)
            self.store(title, rooms, under_way)

    def folder(self):
        return tempfile.TemporaryDirectory(prefix="bench-store-", dir=self.given.folder)

    def deliver(self, scenario, side):
        with self.folder() as folder:
            store = ["--store", f"sqlite:{folder}/parlor.db"] if side == "sqlite" else IN_MEMORY
            phases = self.phases_of(scenario, Server(side, "v1", [str(self.given.bin / "parlor-server"), *PARLOR_OPTIONS,
                                                                  *store]))
            title, last = phases[-1]
            if side == "sqlite" and last["complete"] and not messages_in(f"{folder}/parlor.db"):
                phases[-1] = (title, broken("it stored nothing"))
        self.note_phases(side, phases)

    def store(self, title, rooms, under_way):
        engine = self.fill("engine", "--rooms", rooms, "--under-way", under_way)
        group = round(engine["messages"] / engine["commits"]) if engine["complete"] else under_way
        self.note_stored(title, "engine", engine)
        self.note_stored(title, "bare loop", self.fill("bare", "--rooms", rooms, "--group", group))

    def fill(self, way, *arguments):
        with self.folder() as folder:
            return self.bench_store(way, "--store", f"{folder}/parlor.db", *arguments)


def messages_in(path):
    if not os.path.exists(path):
        return 0
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT count(*) FROM messages").fetchone()[0]


if __name__ == "__main__":
    sys.exit(sides.run_and_tell(StoreBench(options()), BASES, AIMS))
