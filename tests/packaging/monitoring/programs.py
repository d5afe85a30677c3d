# SPDX-License-Identifier: MIT
"""Programs that the tests of packaging/monitoring start, and end: Redis, servers, Prometheus."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

SKIPPED = 77
PATIENCE = 60  # seconds, on a machine that others use


def need(*programs):
    """Ends the test as skipped where one of them is not installed."""
    for program in programs:
        if not shutil.which(program):
            print(f"skipped: {program} is not installed")
            sys.exit(SKIPPED)


def wait(condition, what, process=None, log=None):
    """The first true value of `condition`."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if value := condition():
            return value
        if process and process.poll() is not None:
            break
        time.sleep(0.05)
    said = ""
    if log:
        with open(log, encoding="utf-8", errors="replace") as file:
            said = "\n" + file.read()
    raise SystemExit(f"FAILED {what}{said}")


def get(url):
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        return answer.read().decode()


class Programs(contextlib.ExitStack):
    """Ends what it started, in the other order, and removes its folder."""

    def __init__(self, binaries):
        super().__init__()
        self.binaries = os.path.abspath(binaries)
        self.folder = self.enter_context(tempfile.TemporaryDirectory(prefix="parlor-monitoring-"))

    def start(self, name, *command):
        log = os.path.join(self.folder, f"{name}.log")
        with open(log, "w", encoding="utf-8") as file:
            process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, cwd=self.folder)
        self.callback(self.end, process)
        return process, log

    @staticmethod
    def end(process):
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def listening(self, name, pattern, *command):
        """Starts it, and returns the first port that its log says with `pattern`."""
        process, log = self.start(name, *command)

        def port():
            with open(log, encoding="utf-8", errors="replace") as file:
                found = re.search(pattern, file.read())
            return found and int(found[1])

        return wait(port, f"{name} does not say where it listens", process, log)

    def redis(self):
        """Returns its URL."""
        socket = os.path.join(self.folder, "redis.socket")
        process, log = self.start("redis", "redis-server", "--port", "0", "--unixsocket", socket, "--save", "",
                                  "--dir", self.folder)
        wait(lambda: os.path.exists(socket), "redis-server does not start", process, log)
        return f"unix:{socket}"

    def server(self, name, *options):
        """Returns its port."""
        return self.listening(name, r"listening on \S*?:(\d+)", os.path.join(self.binaries, "parlor-server"),
                              "--listen", "127.0.0.1:0", "--secret-file", os.path.join(self.folder, f"{name}.secret"), *options)

    def sqlite(self, name):
        """The option for a database of its own."""
        return "--store", f"sqlite:{os.path.join(self.folder, name)}.db"
