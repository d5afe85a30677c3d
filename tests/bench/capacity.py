#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What one core carries: CPU time of a delivery and of a connection, by the server's own /metrics while `parlor-cli load` runs.

The server has one worker on the first core that this process may use, load runs on the second. CPU time is what the server's
threads used. Run it on an idle machine: where others take the CPU, more messages share a system call, and each seems cheaper.
docs/operating.md has the formula.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from servers import Running, Server, cores, on_core

ROOT = Path(__file__).resolve().parents[2]
# Users, rooms, messages of a user a second.
SCENARIOS = [(1000, 100, "0.5/s"), (1000, 10, "0.5/s"), (1000, 1, "0.05/s"),
             (5000, 500, "0.1/s"), (5000, 50, "0.1/s"), (10000, 1000, "0.002/s")]
QUICK = [(20, 2, "5/s")]


def figures(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text = answer.read().decode()
    return {name: float(value) for name, value in re.findall(r"^(\w+) (\S+)$", text, re.MULTILINE)}


def measure(given, store, users, rooms, rate):
    command = [str(given.bin / "parlor-server"), "--listen", "127.0.0.1:0", "--workers", "1", "--rate", "0", "--store"]
    server_core, client_core = cores()
    with tempfile.TemporaryDirectory(prefix="bench-capacity-") as folder:
        command += [store if store == "memory" else f"sqlite:{folder}/parlor.db", "--secret-file", f"{folder}/secret"]
        with Running(Server("parlor", "v2", command), server_core) as running:
            empty = figures(running.port)
            ramp = max(1, users // 500)
            load = subprocess.Popen(
                [str(given.bin / "parlor-cli"), "load", f"ws://127.0.0.1:{running.port}/ws", "--rooms", str(rooms), "--rate", rate,
                 "--stages", f"{ramp}s:{users},{int(given.seconds) + 2 * given.settle + 3}s:{users},1s:0"],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=lambda: on_core(client_core))
            while load.poll() is None and figures(running.port)["parlor_connections"] < users:
                time.sleep(0.2)
            time.sleep(given.settle)
            first, began = figures(running.port), time.monotonic()
            time.sleep(given.seconds)
            last, seconds = figures(running.port), time.monotonic() - began
            said = load.communicate()[0]
    if load.returncode != 0:
        print(f"{users} users in {rooms} rooms: load exited with {load.returncode}:\n{said}", file=sys.stderr)
        return False
    cpu, deliveries = (last[name] - first[name] for name in ("process_cpu_seconds_total", "parlor_deliveries_total"))
    memory = last["process_resident_memory_bytes"] - empty["process_resident_memory_bytes"]
    print(f"{store:8}{users:7}{rooms:7}  {rate:>8}{deliveries / seconds:13.0f}{100 * cpu / seconds:8.1f}"
          f"{1e6 * cpu / deliveries:9.1f}{1e6 * cpu / seconds / last['parlor_connections']:12.1f}{memory / users / 1024:9.2f}", flush=True)
    return True


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--bin", type=Path, default=ROOT / "build/release/bin", metavar="DIR",
                         help="where the build put the programs [build/release/bin]")
    options.add_argument("--seconds", type=float, default=20, metavar="S", help="of each measurement [20]")
    options.add_argument("--store", choices=["memory", "sqlite", "both"], default="both")
    options.add_argument("--quick", action="store_true", help="few users, for a moment: whether it works, not what it costs")
    options.add_argument("--only", type=int, action="append", choices=range(len(SCENARIOS)), metavar="N", help="this line (repeatable)")
    given = options.parse_args()
    given.settle = 0 if given.quick else 3  # seconds after the last user has come
    if given.quick:
        given.seconds = 1
    print(f"{'store':8}{'users':>7}{'rooms':>7}  {'a user':>8}{'deliveries/s':>13}{'CPU %':>8}{'us each':>9}{'us/s a user':>12}{'KB/user':>9}")
    complete = True
    for store in ("memory", "sqlite") if given.store == "both" else (given.store,):
        for number, scenario in enumerate(QUICK if given.quick else SCENARIOS):
            if not given.only or number in given.only:
                complete &= measure(given, store, *scenario)
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
