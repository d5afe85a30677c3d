# SPDX-License-Identifier: MIT
"""What stands behind the page: the server, and the network before it."""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import re
import signal
import subprocess
import tempfile
import time

import websockets

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
                self.command + ["--listen", f"127.0.0.1:{self.port}", "--store", "memory"], stderr=output, stdout=subprocess.DEVNULL, env=environment)
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


class TokenServer(Server):
    """Lets in only those who have a token of its own secret."""

    def __init__(self, program, folder, *options):
        self.secret = "do-not-log-a-secret-of-32-bytes-or-more"
        path = os.path.join(folder, "token-secret")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(self.secret)
        super().__init__(program, folder, "--auth", "token", "--auth-secret-file", path, *options)

    def token(self, user, **claims):
        claims = {"sub": user, "exp": int(time.time()) + 3600, **claims}
        text = b".".join(map(self.encoded, ({"alg": "HS256", "typ": "JWT"}, claims)))
        return (text + b"." + self.base64url(hmac.new(self.secret.encode(), text, hashlib.sha256).digest())).decode()

    def encoded(self, part):
        return self.base64url(json.dumps(part).encode())

    @staticmethod
    def base64url(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")


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


class FakeServer:
    """Speaks what of v2 a page needs to be in a room, and what a test makes of it: `on_TYPE` takes a connection and
    a frame. It keeps the times at which it was connected to and asked."""

    def __init__(self, subprotocols=("parlor.v2",), hostname="fake", members=(), **limits):
        self.subprotocols = list(subprotocols) or None
        self.hostname = hostname
        self.members = [{"id": "me", "user": "me", "username": "Ann"}, *members]
        self.limits = {"frame": 65536, "content": 4000, "rooms": 32, "rate": 0, "burst": 0, **limits}
        self.times = {}
        self.connections = []
        self.seq = 0

    async def __aenter__(self):
        self.listener = await websockets.serve(self.serve, "127.0.0.1", 0, subprotocols=self.subprotocols)
        self.port = self.listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.listener.close()
        await self.listener.wait_closed()

    def note(self, what):
        self.times.setdefault(what, []).append(time.monotonic())

    async def send(self, ws, kind, **fields):
        await ws.send(json.dumps({"type": kind, **fields}))

    async def serve(self, ws, *_):
        self.note("connection")
        self.connections.append(ws)
        try:
            await self.send(ws, "connection", status="connected", client_id="me", hostname=self.hostname,
                            protocol="parlor.v2", ping_ms=25000, limits=self.limits, server_time=0)
            async for text in ws:
                frame = json.loads(text)
                self.note(frame["type"])
                await getattr(self, "on_" + frame["type"], self.on_other)(ws, frame)
        except websockets.exceptions.ConnectionClosed:
            pass

    async def on_other(self, ws, frame):
        pass

    async def on_ping(self, ws, frame):
        await self.send(ws, "pong", rid=frame["rid"], t=frame["t"])

    async def on_rooms(self, ws, frame):
        await self.send(ws, "rooms", rid=frame["rid"], rooms=[])

    async def on_auth(self, ws, frame):
        await self.send(ws, "ack", rid=frame["rid"], client_id="me", user="me", username="Ann", resume="r")

    async def on_join(self, ws, frame):
        await self.send(ws, "ack", rid=frame["rid"], room=frame["room"])
        await self.send(ws, "room_users", room=frame["room"], members=self.members, count=len(self.members))
        await self.send(ws, "sync", room=frame["room"], epoch="e", seq=self.seq, recovered=False, events=[], more=False)

    async def refuse(self, ws, frame, retry_ms, code="rate_limited"):
        await self.send(ws, "error", rid=frame["rid"], code=code, message="not now", retryable=True, retry_ms=retry_ms)

    def message(self, seq, content, username="Bob"):
        return {"type": "message", "room": "general", "seq": seq, "id": f"m{seq}", "sender": "bob", "user": "bob",
                "username": username, "content": content, "timestamp": "2026-03-01T12:00:00.000Z"}

    async def say(self, seq, content, **more):
        await self.connections[-1].send(json.dumps(self.message(seq, content, **more)))
