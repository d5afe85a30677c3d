# SPDX-License-Identifier: MIT
"""What stands behind the page: the server, and the network before it."""

import asyncio
import os
import re
import signal
import subprocess
import tempfile
import time

from devtools import PATIENCE, check


class Server:
    """parlor-server on loopback. Started again it has the same port and the same secret."""

    def __init__(self, program, folder, *options):
        self.command = [program, "--secret-file", os.path.join(folder, "secret"), "--drain-timeout", "1s", *options]
        self.log = tempfile.NamedTemporaryFile(mode="r", prefix="parlor-", suffix=".log", dir=folder, delete=False)
        self.port = 0
        self.process = None

    def start(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PARLOR_")}
        before = len(self.text())
        with open(self.log.name, "a", encoding="utf-8") as output:
            self.process = subprocess.Popen(
                self.command + ["--listen", f"127.0.0.1:{self.port}"], stderr=output, stdout=subprocess.DEVNULL, env=environment)
        deadline = time.monotonic() + PATIENCE
        found = None
        while not found:
            check(self.process.poll() is None, "the server ended at once:\n" + self.text())
            check(time.monotonic() < deadline, "the server does not say where it listens:\n" + self.text())
            found = re.search(r"listening on ws://127\.0\.0\.1:(\d+)", self.text()[before:])
        self.port = int(found.group(1))
        return self

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(PATIENCE)
        check(how != signal.SIGTERM or code == 0, f"the server exited with {code}:\n{self.text()}")

    def text(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as log:
            return log.read()


class Network:
    """A TCP proxy that can lose things: `mute` keeps what the server says, `cut` ends all connections."""

    def __init__(self, server):
        self.server = server
        self.muted = False
        self.down = False
        self.writers = set()

    async def __aenter__(self):
        self.listener = await asyncio.start_server(self.join, "127.0.0.1", 0)
        self.port = self.listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.cut()
        self.listener.close()

    async def join(self, reader, writer):
        self.writers.add(writer)
        try:
            if not self.down:
                up, down = await asyncio.open_connection("127.0.0.1", self.server.port)
                self.writers.add(down)
                await asyncio.gather(self.pump(reader, down, False), self.pump(up, writer, True))
        except OSError:
            pass
        finally:
            writer.close()

    async def pump(self, source, target, from_server):
        try:
            while data := await source.read(65536):
                if not (from_server and self.muted):
                    target.write(data)
        finally:
            self.writers.discard(target)
            target.close()

    def cut(self, stay_down=False):
        self.muted = False
        self.down = stay_down
        for writer in list(self.writers):
            writer.transport.abort()

    def restore(self):
        self.down = False
