#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Attacks servers, one attack after another, while a good client chats beside each. What that client loses, how long it
waits and whether newcomers get in is the verdict, with the server's descriptors, memory and metrics, read from outside."""
import argparse
import asyncio
import resource
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.dont_write_bytecode = True

import attacks_servers  # noqa: E402
import attacks_network  # noqa: E402, F401
import attacks_clients  # noqa: E402, F401
import attacks_machine  # noqa: E402, F401
from attack import ATTACKS  # noqa: E402
from processes import Impossible  # noqa: E402
from trial import Options, Trial  # noqa: E402

# What other tests assert already.
COVERED = (
    ("presence of a dead server", "tst_cluster_presence: membersOfADeadServerLeave"),
    ("rolling restart of all", "tst_cluster_faults: nobodyNotices, movesAreSpread"),
    ("Redis forgets scripts, ends connections", "tst_cluster_faults: nobodyNotices"),
    ("one worker blocked", "tst_service: feedsTheWatchdog"),
    ("the journal does not read", "tst_service: doesNotWaitForTheLog"),
    ("frames, by the rules of RFC 6455", "tests/conformance"),
    ("SYN flood", "the kernel (tcp_syncookies) or the load balancer"),
)
SKIPPED = 77
COLUMNS = ("attack", "sent", "lost", "p99 ms", "refused", "descriptors", "memory MiB", "CPU", "verdict")


def row(t):
    resources, report = t.resources, t.report
    cells = [t.name, "", "", "", "", "", "", ""]
    if report and "during" in report["phases"]:
        phases = report["phases"]
        before, during = phases["before"], phases["during"]
        cells[1] = str(sum(each["sent"] for each in phases.values()))
        cells[2] = str(report["lost"])
        cells[3] = " -> ".join(f"{each['p99'] * 1000:.0f}" for each in (before, during))
        refused = sum(during["refusals"].values())
        cells[4] = f"{refused} of {during['connects'] + refused}"
    if "descriptors_after" in resources:
        cells[5] = f"{resources['descriptors']} -> {resources['descriptors_after']}"
        cells[6] = f"{resources['memory'] / 2 ** 20:.0f} -> {resources['memory_after'] / 2 ** 20:.0f}"
    if "cpu" in resources:
        cells[7] = f"{resources['cpu']:.0%}"
    return cells


async def run(name, function, options):
    """Its row of the table, whether it passed (None: not made), and what there is to say."""
    async with Trial(name, options) as trial:
        try:
            await asyncio.wait_for(function(trial), 7200)
        except Impossible as error:
            return row(trial) + ["skipped"], None, [str(error)]
        except Exception as error:  # a fault of the attack fails it; the others are made all the same
            trial.problems.append(f"{type(error).__name__}: {error}")
            if not isinstance(error, (RuntimeError, OSError)):
                traceback.print_exc()
        problems = trial.problems
        return row(trial) + ["FAILED" if problems else "passed"], not problems, problems or trial.notes


def table(rows):
    rows = [COLUMNS, *rows]
    widths = [max(len(each[i]) for each in rows) for i in range(len(COLUMNS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(each, widths)).rstrip() for each in rows)


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=Path, default=Path("build/release/bin"),
                        help="folder of parlor-server [%(default)s]")
    parser.add_argument("--only", action="append", choices=ATTACKS, metavar="NAME", help="one attack (repeatable)")
    parser.add_argument("--list", action="store_true", help="print the attacks, and what passes")
    parser.add_argument("--long", action="store_true", help="attacks of up to 5 minutes")
    parser.add_argument("--soak", type=float, metavar="MINUTES",
                        help="clients come and go for so long, and nothing else")
    parser.add_argument("--crowd", type=int, default=4000, help="clients of the large crowds [%(default)s]")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same attacks [%(default)s]")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave logs and databases in this new folder")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(f"{name:18} {function.__doc__}" for name, function in ATTACKS.items()))
        return 0
    # What an attack has mounted and made is undone, too, when it is told to end.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    crowd = min(arguments.crowd, hard // 5)  # a quarter of a server's descriptors may be unfinished heads
    if crowd < arguments.crowd:
        print(f"crowds of {crowd}, not {arguments.crowd}: only {hard} files may be open (ulimit -Hn)")
    chosen = {"soak": lambda trial: attacks_servers.soak(trial, arguments.soak)} if arguments.soak else \
        {name: ATTACKS[name] for name in arguments.only or ATTACKS}
    with tempfile.TemporaryDirectory(prefix="parlor-chaos-") as temporary:
        folder = arguments.keep or Path(temporary)
        options = Options(arguments.bin.resolve(), folder, arguments.long, crowd, arguments.seed)
        rows, failed, made = [], 0, 0
        for name, function in chosen.items():
            begin = time.monotonic()
            cells, passed, words = await run(name, function, options)
            rows.append(cells)
            failed += passed is False
            made += passed is not None
            print(f"{cells[-1]:8} {name} ({time.monotonic() - begin:.0f} s): {'; '.join(words)}", flush=True)
    print("\n" + table(rows))
    if not arguments.only and not arguments.soak:
        print("\nNot made here, since it is tested elsewhere:")
        print("\n".join(f"  {what}: {where}" for what, where in COVERED))
    print(f"\n{made} attacks, {failed} failed, {len(rows) - made} skipped; seed {arguments.seed}")
    return 1 if failed else 0 if made else SKIPPED


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
