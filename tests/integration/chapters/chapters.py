# SPDX-License-Identifier: MIT
"""Runs the experiments of docs/chapters, and compares what they print with what the chapters show.

usage: chapters.py EXPERIMENT     runs it: it exits with 0, and prints the lines shown, in this order; other lines may
                                  stand between them. "…" in a line that is shown stands for any text
       chapters.py --text         each experiment is in one chapter, each command there is an experiment
       chapters.py --self         this program finds what is missing in an output
Exits with 0; 1 and a text if it is not so; 77 if the experiment says that it cannot be run here.
"""

import os
import re
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
CHAPTERS = os.path.join(ROOT, "docs", "chapters")
PLACE = "docs/chapters/experiments/"
# A command by itself, and what it prints.
BLOCK = re.compile(r"^```sh\n(.*?)^```\n+(?:```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


class Failure(Exception):
    """What is not as it should be."""


def chapters():
    return sorted(name for name in os.listdir(CHAPTERS) if name.endswith(".md"))


def read(name):
    with open(os.path.join(CHAPTERS, name), encoding="utf-8") as file:
        return file.read()


def experiments():
    """What the chapters run: (chapter, command, lines shown)."""
    found = []
    for chapter in chapters():
        for block in BLOCK.finditer(read(chapter)):
            shown = [line for line in (block.group(2) or "").splitlines() if line.strip()]
            found.append((chapter, block.group(1).strip(), shown))
    return found


def plain(line):
    return " ".join(line.split())


def missing(shown, printed):
    """The first line of `shown` that does not come in `printed` behind the ones before it, or None."""
    lines = iter([plain(line) for line in printed])
    for line in shown:
        pattern = re.compile(".*".join(re.escape(part) for part in plain(line).split("…")))
        if not any(pattern.fullmatch(each) for each in lines):
            return line
    return None


def run(experiment):
    entries = [entry for entry in experiments() if entry[1] == PLACE + experiment]
    if len(entries) != 1:
        raise Failure(f"{len(entries)} chapters have {experiment}")
    chapter, command, shown = entries[0]
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", check=False)
    print(done.stdout, end="")
    if done.returncode == 77:
        sys.exit(77)
    if done.returncode != 0:
        raise Failure(f"{command} exited with {done.returncode}")
    line = missing(shown, done.stdout.splitlines())
    if line is not None:
        raise Failure(f"docs/chapters/{chapter} shows this, and the experiment did not print it there:\n{line}")


def check_text():
    commands = [command for _, command, _ in experiments()]
    there = sorted(name for name in os.listdir(os.path.join(ROOT, PLACE)) if re.match(r"\d-", name))
    if sorted(commands) != [PLACE + name for name in there]:
        raise Failure(f"the chapters run {sorted(commands)}\nbut there are {there}")
    for chapter, command, shown in experiments():
        if not os.access(os.path.join(ROOT, command), os.X_OK):
            raise Failure(f"{command} of {chapter} cannot be executed")
        if not shown:
            raise Failure(f"{chapter} does not show what {command} prints")


def check_self():
    printed = ["Bob is on ws1", "   2 deliveries  in 3 ms", "Bob is on ws2"]
    for shown, expected in (
        ([], None),
        (printed, None),
        (["Bob is on ws2"], None),
        (["2 deliveries in … ms", "Bob is on …"], None),
        (["Bob is on ws3"], "Bob is on ws3"),
        (["Bob is on"], "Bob is on"),
        (["Bob is on ws2", "Bob is on ws1"], "Bob is on ws1"),
        (["Bob is on ws1", "Bob is on ws1"], "Bob is on ws1"),
        (["Bob is.on ws1"], "Bob is.on ws1"),
    ):
        if missing(shown, printed) != expected:
            raise Failure(f"{shown}: {missing(shown, printed)} is said to be missing, not {expected}")


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    try:
        {"--text": check_text, "--self": check_self}.get(sys.argv[1], lambda: run(sys.argv[1]))()
    except Failure as problem:
        print(f"FAILED {problem}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
