# SPDX-License-Identifier: MIT
"""Every figure of the load generator's reports is what the run's file says: computed again by recompute.py and textreport.py.

usage: load_report_figures.py BIN
Exits with 0, or with 1 and what is wrong.
"""

import os
import re
import subprocess
import sys
import tempfile
import time

import recompute
import textreport

LARGEST = 400_000  # bytes of an hour's report


def fail(text):
    lines = text.splitlines()
    print("\n".join(lines[:40] + ([f"and {len(lines) - 40} more"] if len(lines) > 40 else [])))
    sys.exit(1)


def compare(name, run_path, page_path, baseline_path=None):
    run = recompute.Run(run_path)
    if baseline_path:
        run.before = recompute.Run(baseline_path)
    with open(page_path, encoding="utf-8") as file:
        text = file.read()
    checked, wrong = recompute.compare_page(run, text)
    if wrong:
        fail("\n".join([f"{name}: {page_path}", *wrong]))
    if run.file["generator"]["limits"] != textreport.expected_limits(run):
        fail(f"{name}: the generator's limits are {textreport.expected_limits(run)}")
    print(f"{name}: {checked} figures")
    return run, text


def compare_text(name, run, path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    checked, wrong = textreport.compare_text(run, text)
    if wrong:
        fail("\n".join([f"{name}, as text:", *wrong]))
    print(f"{name}, as text: {checked} figures")
    return text


def spoils_are_found(run, text):
    """A comparison that cannot fail proves nothing: each of these changes must be found."""
    cell = re.search(r'<td data-figure="count deliveries.received">([\d,]+)', text)
    row = re.search(r'<tr data-seconds="\d+-\d+"><td>[\d:]+<td>([^<]+)', text)
    column = re.search(r'"figure":"time latency.p99","values":\[(?:null,)*(\d+)', text)
    changes = {
        "a cell's figure": (cell.start(1), cell.end(1), "1"),
        "a cell that does not say what it is": (cell.start(), cell.start(1), "<td>"),
        "a figure of another thing": (cell.start(), cell.start(1), '<td data-figure="count deliveries.expected">1'),
        "a figure in a sentence": (text.index("</main>"),) * 2 + ("<p>17 of them</p>",),
        "a row's figure": (row.start(1), row.end(1), "77.7 ms"),
        "a read-out's figure": (column.start(1), column.end(1), str(int(column[1]) * 2)),
    }
    for what, (begin, end, new) in changes.items():
        _, wrong = recompute.compare_page(run, text[:begin] + new + text[end:])
        if not wrong:
            fail(f"recompute.py did not find {what}")


def real_runs(programs, folder):
    """The same of runs that were made: one, another one beside it, and both rendered again."""
    log = os.path.join(folder, "server.log")
    with open(log, "w", encoding="utf-8") as output:
        server = subprocess.Popen([os.path.join(programs, "parlor-server"), "--listen", "127.0.0.1:0", "--store", "memory", "--rate", "1000",
                                   "--burst", "1000", "--secret-file", os.path.join(folder, "secret"), "--drain-timeout", "1s"], stderr=output)
    try:
        deadline, found = time.monotonic() + 30, None
        while not found:
            if server.poll() is not None or time.monotonic() > deadline:
                fail("the server does not listen")
            time.sleep(0.05)
            with open(log, encoding="utf-8") as text:
                found = re.search(r"listening on (ws://127\.0\.0\.1:\d+/ws)", text.read())
        path = lambda name: os.path.join(folder, name)
        client = os.path.join(programs, "parlor-cli")

        def run(name, *more):
            with open(path(name + ".txt"), "w", encoding="utf-8") as output:
                ended = subprocess.run([client, "load", found[1], "--stages", "1s:20,1s:20", "--rate", "10/s", "--watch-pid", str(server.pid),
                                        "--threshold", "delivery_latency p(95)<10s", "--out", path(name + ".json"), *more],
                                       stdout=output, stderr=subprocess.PIPE, check=False)
            if ended.returncode != 0:
                fail(f"the run '{name}' ended with {ended.returncode}:\n{ended.stderr.decode()}")

        run("first")
        run("second", "--threads", "2", "--html", path("second.html"), "--baseline", path("first.json"))
        measured, page = compare("a run", path("second.json"), path("second.html"), path("first.json"))
        compare_text("a run", measured, path("second.txt"))
        again = subprocess.run([client, "report", path("second.json"), "--html", path("again.html"), "--baseline", path("first.json")],
                               stdout=subprocess.PIPE, check=False)
        if again.returncode != 0:
            fail(f"parlor-cli report ended with {again.returncode}")
        with open(path("again.html"), encoding="utf-8") as text:
            if text.read() != page:
                fail("the page that parlor-cli report writes is another one than the run's own")
    finally:
        server.terminate()
        server.wait(30)


def text_spoils_are_found(run, text):
    latency = re.search(r"\d\.\d\d ms", text)[0]
    another = ("1" if latency[0] == "9" else "9") + latency[1:]
    for old, new in ((latency, another), ("lost                      0", "lost                      1"), ("✓", "✗"),
                     ("it kept up", "it kept up for 3 s")):
        assert old in text, old
        if not textreport.compare_text(run, text.replace(old, new, 1))[1]:
            fail(f"textreport.py did not find '{new}' in place of '{old}'")


def main():
    programs = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="parlor-report-") as folder:
        for kind in ("good", "spoiled", "hour", "never"):
            there = os.path.join(folder, kind)
            subprocess.run([os.path.join(programs, "tests", "load-report-example"), kind, there], check=True)
            path = lambda name: os.path.join(there, name)
            run, text = compare(kind, path("run.json"), path("report.html"), path("baseline.json"))
            compare(f"{kind}, without a baseline", path("run.json"), path("plain.html"))
            lines = compare_text(kind, run, path("run.txt"))
            if kind == "good":
                spoils_are_found(run, text)
                text_spoils_are_found(run, lines)
            if len(text.encode()) > LARGEST:
                fail(f"the report '{kind}' has {len(text.encode())} bytes, more than {LARGEST}")
        real_runs(programs, folder)


if __name__ == "__main__":
    main()
