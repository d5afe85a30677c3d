# SPDX-License-Identifier: MIT
"""Delivery latency as parlor-cli load measures it, and as a client measures it that shares no code with it.

usage: second_opinion.py BIN

Twenty users of `parlor-cli load` are in one room, twenty of Debian's python3-websockets in another one of the same server, at the
same time. Each room has ten messages a second. Against `parlor-cli sink --delay 50ms` the medians agree within 10 %; those against
parlor-server, which are as short as a turn of this machine's scheduler, are printed.
Exits with 0; 1 and what is wrong; 77 without python3-websockets.
"""

import asyncio
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

try:
    from websockets.legacy import client  # one interface in 10.4 (Debian 12) and 15.0 (Debian 13)
except ImportError:
    print("python3-websockets is not installed")
    sys.exit(77)

USERS = 20
PERIOD = 2  # seconds between two messages of a user
SECONDS = 20
PATIENCE = 60  # seconds, on a machine that others use
MARK = "second opinion "


def fail(text):
    print(text)
    sys.exit(1)


class Client(client.WebSocketClientProtocol):
    """Knows when its newest bytes came, whenever their message is taken."""

    came = 0

    def data_received(self, data):
        self.came = time.monotonic_ns()
        super().data_received(data)


class Room:
    """Its users, and what they heard."""

    def __init__(self):
        self.sent = 0
        self.heard = []  # (when, frame)

    async def listen(self, connection):
        async for text in connection:
            self.heard.append((connection.came, text))  # parsed later: the next ones wait for this loop

    def took(self):
        """The time that each delivery took, in nanoseconds."""
        frames = [(came, json.loads(text)) for came, text in self.heard]
        return [came - int(frame["content"].split()[2]) for came, frame in frames
                if frame["type"] == "message" and frame["sender"] != "server" and frame["content"].startswith(MARK)]

    async def speak(self, connection, start):
        loop = asyncio.get_running_loop()
        for turn in range(SECONDS // PERIOD):
            await asyncio.sleep(start + turn * PERIOD - loop.time())
            self.sent += 1
            await connection.send(json.dumps({"type": "message", "content": f"{MARK}{time.monotonic_ns()} ".ljust(128, "x")}))

    async def run(self, url):
        async with contextlib.AsyncExitStack() as stack:
            connections = []
            for _ in range(USERS):
                connections.append(await stack.enter_async_context(client.connect(url, create_protocol=Client, open_timeout=PATIENCE)))
                await connections[-1].send(json.dumps({"type": "join", "room": "second-opinion"}))
                while json.loads(await connections[-1].recv())["type"] != "room_users":
                    pass
            listeners = [asyncio.create_task(self.listen(each)) for each in connections]
            start = asyncio.get_running_loop().time()
            await asyncio.gather(*(self.speak(each, start + user * PERIOD / USERS) for user, each in enumerate(connections)))
            deadline = time.monotonic() + PATIENCE
            while len(self.took()) < self.sent * USERS and time.monotonic() < deadline:
                await asyncio.sleep(0.05)
            for each in listeners:
                each.cancel()
        if len(self.took()) != self.sent * USERS:
            fail(f"the second client has {len(self.took())} deliveries of {self.sent} messages to {USERS} users")


@contextlib.contextmanager
def serving(folder, command):
    """Its URL, while it runs."""
    log = os.path.join(folder, "server.log")
    with open(log, "w", encoding="utf-8") as output:
        server = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline, found = time.monotonic() + PATIENCE, None
        while not found:
            with open(log, encoding="utf-8") as text:
                found = re.search(r"listening on (ws://127\.0\.0\.1:\d+)", text.read())
            if server.poll() is not None or time.monotonic() > deadline:
                fail(f"{command[0]} does not listen")
            time.sleep(0.05)
        yield found[1] + "/ws"
    finally:
        server.terminate()
        server.wait(PATIENCE)


def medians(name, folder, programs, dialect, command):
    """Of both, in milliseconds, at one server."""
    result = os.path.join(folder, "run.json")
    room = Room()
    with serving(folder, command) as url:
        load = subprocess.Popen([os.path.join(programs, "parlor-cli"), "load", url, "--dialect", dialect, "--users", str(USERS), "--rooms", "1",
                                 "--rate", f"{1 / PERIOD}/s", "--duration", f"{SECONDS}s", "--quiet", "--out", result],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        asyncio.run(room.run(url))
        said = load.communicate(timeout=PATIENCE)[0]
    if load.returncode != 0:
        fail(f"parlor-cli load ended with {load.returncode}:\n{said}")
    with open(result, encoding="utf-8") as file:
        run = json.load(file)
    # From the actual send, as the second client has it.
    measured = run["histograms"]["delivery_service"]["p50_us"] / 1e3
    took = room.took()
    expected = statistics.median(took) / 1e6
    print(f"{name}, {dialect}: load {measured:.2f} ms of {run['deliveries']['received']:,} deliveries, "
          f"second client {expected:.2f} ms of {len(took):,}")
    return measured, expected


def main():
    programs = sys.argv[1]
    listen = ("--listen", "127.0.0.1:0")
    with tempfile.TemporaryDirectory(prefix="parlor-opinion-") as folder:
        sink = [os.path.join(programs, "parlor-cli"), "sink", *listen, "--delay", "50ms"]
        server = [os.path.join(programs, "parlor-server"), *listen, "--store", "memory", "--secret-file", os.path.join(folder, "secret"),
                  "--drain-timeout", "1s"]
        for dialect in ("v1", "v2"):
            measured, expected = medians("sink", folder, programs, dialect, sink)
            if not 0.9 <= measured / expected <= 1.1:
                fail(f"{dialect}: the medians {measured:.2f} ms and {expected:.2f} ms differ by more than 10 %")
        medians("parlor-server", folder, programs, "v2", server)


if __name__ == "__main__":
    main()
