#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Manual pages, completions and server.toml against the programs themselves.

manual.py BIN WRITTEN   WRITTEN is where the build puts them.
"""
import os
import pathlib
import pty
import re
import select
import subprocess
import sys
import tempfile
import time
import unittest

BIN, WRITTEN = map(pathlib.Path, sys.argv[1:3])
del sys.argv[1:3]
PROGRAMS = {"parlor-server": [[]], "parlor": [[]],
            "parlor-cli": [[], ["admin"], ["chat"], ["compare"], ["doctor"], ["load"], ["max"], ["probe"], ["report"],
                           ["sink"]]}
PAGES = sorted((WRITTEN / "man").glob("*.[15]"))


def run(*command, **kwargs):
    return subprocess.run([str(part) for part in command], text=True, capture_output=True, check=False, **kwargs)


def options_of(program):
    """Each name of an option in the help of the program and of its subcommands."""
    names = set()
    for subcommand in PROGRAMS[program]:
        done = run(BIN / program, *subcommand, "--help", env=os.environ | {"LC_ALL": "C.UTF-8"})
        for head in re.findall(r"^  (-\S+)", done.stdout, re.MULTILINE):
            names.update(head.split(","))
    return names


class Bash:
    """A bash at a terminal that has read one completion."""

    def __init__(self, completion):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="dumb", PS1="$ ", INPUTRC="/dev/null", LC_ALL="C.UTF-8")
            os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
        self.type("bind 'set show-all-if-ambiguous on' 'set bell-style none'\r")
        self.type(f". {completion}; echo rea''dy\r")
        self.until("ready")

    def type(self, text):
        os.write(self.terminal, text.encode())

    def until(self, wanted):
        """What it shows, up to and with `wanted`; fails after 20 s."""
        shown, end = "", time.monotonic() + 20
        while wanted not in shown:
            if not select.select([self.terminal], [], [], max(0.0, end - time.monotonic()))[0]:
                raise AssertionError(f"bash does not show {wanted!r}, but {shown!r}")
            shown += os.read(self.terminal, 4096).decode(errors="replace")
        return shown

    def end(self):
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


class Manual(unittest.TestCase):
    def test_pages_name_every_option(self):
        for program in PROGRAMS:
            text = (WRITTEN / f"man/{program}.1").read_text().replace("\\-", "-")
            for name in options_of(program):
                self.assertIn(f"\\fB{name}\\fR", text, program)

    def test_completions_name_every_option(self):
        for program in PROGRAMS:
            for name in options_of(program):
                bare = name.lstrip("-")
                for path, pattern in {
                    f"bash/{program}": rf"[ \"]{name}[ \"]",
                    f"zsh/_{program}": rf"\){name}=?\[|'\*{name}=?\[",
                    f"fish/{program}.fish": rf" -l {bare} " if name.startswith("--") else rf" -s {bare} ",
                }.items():
                    text = (WRITTEN / "completion" / path).read_text()
                    self.assertRegex(text, re.compile(pattern), f"{path} lacks {name}")

    def test_what_checks_pages_is_silent(self):
        self.assertEqual(len(PAGES), 4)
        for page in PAGES:
            shown = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page,
                        env=os.environ | {"MANROFFSEQ": "", "MANWIDTH": "80"})
            self.assertEqual((shown.returncode, shown.stderr), (0, ""), page)
            linted = run("mandoc", "-Tlint", page)
            self.assertEqual((linted.returncode, linted.stdout), (0, ""), page)

    def test_pages_name_nothing_of_the_machine(self):
        for page in PAGES:
            self.assertNotRegex(page.read_text(), r"/root|/home/")

    def test_bash_completes(self):
        for program, typed, wanted in (
            ("parlor-cli", "parlor-cli pro\t", "parlor-cli probe "),
            ("parlor-cli", "parlor-cli load --dia\t", "--dialect"),
            ("parlor-cli", "parlor-cli probe --expect st\t", "--expect sticky"),
            ("parlor-server", "parlor-server --transport na\t", "--transport native"),
            ("parlor-server", "parlor-server --log-format=js\t", "--log-format=json"),
            ("parlor-server", "parlor-server --config /etc/debian_v\t", "/etc/debian_version"),
            ("parlor", "parlor --prof\t", "--profile"),
        ):
            with self.subTest(typed=typed):
                bash = Bash(WRITTEN / "completion/bash" / program)
                try:
                    bash.type(typed)
                    bash.until(wanted)
                finally:
                    bash.end()

    def test_other_shells_can_read_theirs(self):
        for shell, check in {"bash": ["bash", "-n"], "zsh": ["zsh", "-n"], "fish": ["fish", "--no-execute"]}.items():
            if run("sh", "-c", f"command -v {shell}").returncode != 0:
                continue # zsh and fish are installed for the slow tests only
            for path in (WRITTEN / "completion" / shell).iterdir():
                done = run(*check, path)
                self.assertEqual((done.returncode, done.stderr), (0, ""), path)

    def test_server_toml_has_every_option_with_its_default(self):
        text = (WRITTEN / "server.toml").read_text()
        keys = re.findall(r"^#([a-z-]+) = (.+)$", text, re.MULTILINE)
        outside = {"config", "backup", "check-config", "print-config", "version", "help"}
        self.assertEqual({key for key, _ in keys}, {name[2:] for name in options_of("parlor-server")
                                                  if name.startswith("--")} - outside)
        self.assertEqual(re.findall(r"^[^#\n].*$", text, re.MULTILINE), [], "something is not commented out")
        with tempfile.TemporaryDirectory() as folder:
            environment = {"STATE_DIRECTORY": "/var/lib/parlor", "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
            plain = run(BIN / "parlor-server", "--print-config", env=environment)
            file = pathlib.Path(folder) / "server.toml"
            # A word in capitals stands for a value.
            file.write_text("".join(f"{key} = {value}\n" for key, value in keys
                                    if not re.search(r"[A-Z]{2}|\bN\b|URL", value.replace("MiB", ""))))
            given = run(BIN / "parlor-server", "--config", file, "--print-config", env=environment)
            self.assertEqual((given.returncode, given.stderr), (0, ""))
            self.assertEqual(given.stdout, plain.stdout)
            self.assertGreater(len(file.read_text().splitlines()), 30)


if __name__ == "__main__":
    unittest.main()
