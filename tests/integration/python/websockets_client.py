# SPDX-License-Identifier: MIT
"""Chats with a Parlor server through Debian's python3-websockets, a client written by others.

usage: websockets_client.py PARLOR_SERVER
Exits with 0; 1 and a text if the server did something else than the protocol says; 77 without python3-websockets.
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

try:
    import websockets
    from websockets.exceptions import ConnectionClosed
except ImportError:
    print("python3-websockets is not installed")
    sys.exit(77)

PATIENCE = 20  # seconds that a test waits for what must come


class Failure(Exception):
    """The server broke the contract; the text says how."""


def check(condition, text):
    if not condition:
        raise Failure(text)


class Server:
    """A server process on a free port of loopback."""

    def __init__(self, program):
        self.log = tempfile.NamedTemporaryFile(mode="r", prefix="parlor-", suffix=".log")
        command = [program, "--listen", "127.0.0.1:0", "--store", "memory", "--rate", "0", "--ping", "200ms",
                   "--drain-timeout", "2s"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PARLOR_")}
        with open(self.log.name, "w", encoding="utf-8") as output:
            self.process = subprocess.Popen(command, stderr=output, stdout=subprocess.DEVNULL, env=environment)
        deadline = time.monotonic() + PATIENCE
        found = None
        while not found:
            check(self.process.poll() is None, "the server ended at once:\n" + self.text())
            check(time.monotonic() < deadline, "the server does not say where it listens:\n" + self.text())
            found = re.search(r"listening on (ws://127\.0\.0\.1:\d+)", self.text())
        self.url = found.group(1) + "/ws"

    def text(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as log:
            return log.read()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(3 * PATIENCE)


def v1(server):
    return websockets.connect(server.url, ping_interval=None, open_timeout=PATIENCE)


def v2(server):
    return websockets.connect(server.url, subprotocols=["parlor.v2"], ping_interval=None, open_timeout=PATIENCE)


async def send(ws, frame):
    await ws.send(json.dumps(frame, ensure_ascii=False))


async def receive(ws):
    return json.loads(await asyncio.wait_for(ws.recv(), PATIENCE))


async def receive_type(ws, kind):
    """The next frame of this type; others are skipped, but not an error."""
    while True:
        frame = await receive(ws)
        if frame["type"] == kind:
            return frame
        check(frame["type"] != "error", f"expected {kind}, got {frame}")


def extensions(ws):
    """Those that the server chose; Debian 12's library (10.4) keeps them in another place than Debian 13's (15.0)."""
    return getattr(ws, "protocol", ws).extensions


async def connected(ws):
    frame = await receive(ws)
    check(frame["type"] == "connection" and frame["status"] == "connected", f"no connection frame: {frame}")
    return frame["client_id"]


async def join(ws, room):
    """Joins, and reads all that a join brings."""
    await send(ws, {"type": "join", "room": room})
    if ws.subprotocol:
        while (await receive_type(ws, "sync"))["more"]:
            pass
    else:
        await receive_type(ws, "room_users")


async def closed(ws, code):
    """Reads to the server's Close, which has this code."""
    try:
        while True:
            await receive(ws)
    except ConnectionClosed:
        check(ws.close_code == code, f"closed with {ws.close_code} ({ws.close_reason}), expected {code}")


async def test_v1_chat(server):
    async with v1(server) as alice, v1(server) as bob:
        check(alice.subprotocol is None and extensions(alice) == [], "the server chose what was not offered")
        alice_id, bob_id = await connected(alice), await connected(bob)
        await join(alice, "python")
        await join(bob, "python")
        frame = await receive(alice)
        check(frame == {"type": "user_joined", "userId": bob_id, "username": bob_id}, f"{frame}")
        await send(bob, {"type": "message", "content": "grüße 😀"})
        for ws, sender in ((bob, "server"), (bob, bob_id), (alice, bob_id)):
            frame = await receive(ws)
            check(frame["type"] == "message" and frame["sender"] == sender, f"from {sender}: {frame}")
            check(frame["content"] == "grüße 😀", f"{frame}")
        await alice.send("no JSON")
        check((await receive_type(bob, "message"))["sender"] == alice_id, "plain text did not arrive")
        await bob.close()
        frame = await receive_type(alice, "user_left")
        check(frame["userId"] == bob_id, f"{frame}")


async def test_v2_chat(server):
    async with v2(server) as alice, v2(server) as bob:
        check(alice.subprotocol == "parlor.v2", f"sub-protocol {alice.subprotocol}")
        await connected(alice)
        await connected(bob)
        await send(alice, {"type": "auth", "username": "alice", "rid": 1})
        ack = await receive_type(alice, "ack")
        check(ack["rid"] == 1 and ack["username"] == "alice" and not ack["resumed"], f"{ack}")
        await join(alice, "python2")
        await join(bob, "python2")
        await send(alice, {"type": "message", "room": "python2", "content": "hello", "cid": "c1", "rid": 2})
        ack = await receive_type(alice, "ack")
        check(ack["rid"] == 2 and ack["cid"] == "c1" and ack["seq"] == 1 and not ack["dup"], f"{ack}")
        for ws in (alice, bob):
            message = await receive_type(ws, "message")
            check(message["id"] == ack["id"] and message["username"] == "alice", f"{message}")
        await send(alice, {"type": "message", "room": "python2", "content": "hello", "cid": "c1"})
        again = await receive_type(alice, "ack")
        check(again["dup"] and again["id"] == ack["id"] and again["seq"] == 1, f"a resend was not known: {again}")
        await send(bob, {"type": "history", "room": "python2"})
        history = await receive_type(bob, "history")
        check([event["id"] for event in history["events"]] == [ack["id"]] and not history["more"], f"{history}")


async def test_resume(server):
    async with v2(server) as watcher:
        await connected(watcher)
        await join(watcher, "resumed")
        async with v2(server) as alice:
            await connected(alice)
            await send(alice, {"type": "auth"})
            ack = await receive_type(alice, "ack")
            await send(alice, {"type": "join", "room": "resumed"})
            sync = await receive_type(alice, "sync")
            alice.transport.abort()
        await send(watcher, {"type": "message", "room": "resumed", "content": "missed", "cid": "m"})
        await receive_type(watcher, "message")
        async with v2(server) as alice:
            await connected(alice)
            await send(alice, {"type": "auth", "resume": ack["resume"]})
            resumed = await receive_type(alice, "ack")
            check(resumed["resumed"] and resumed["client_id"] == ack["client_id"], f"{resumed}")
            position = {"epoch": sync["epoch"], "seq": sync["seq"]}
            await send(alice, {"type": "join", "room": "resumed", "since": position})
            sync = await receive_type(alice, "sync")
            contents = [event["content"] for event in sync["events"]]
            check(sync["recovered"] and contents == ["missed"], f"{sync}")


async def test_large_and_fragmented(server):
    async with v1(server) as ws:
        await connected(ws)
        await join(ws, "large")
        text = "ü" * 30000
        await ws.send(text)
        check((await receive_type(ws, "message"))["content"] == text, "a message of 60 000 bytes came back changed")
        await receive_type(ws, "message")
        parts = [f"part {i} — " for i in range(60)]
        await ws.send(iter(parts))
        check((await receive_type(ws, "message"))["content"] == "".join(parts), "60 fragments came back changed")
    for payload, code in (("x" * (64 * 1024 + 1), 1009), (b"binary", 1003)):
        async with v1(server) as ws:
            await connected(ws)
            await ws.send(payload)
            await closed(ws, code)


async def test_ping_pong(server):
    async with v2(server) as ws:
        await connected(ws)
        for payload in (b"", b"payload", b"\x00\xff" * 60):
            await asyncio.wait_for(await ws.ping(payload), PATIENCE)
        try:  # meanwhile the server pings five times a second, and the library answers
            frame = await asyncio.wait_for(ws.recv(), 1.5)
            raise Failure(f"an unexpected frame: {frame}")
        except asyncio.TimeoutError:
            pass
        await send(ws, {"type": "ping", "t": 1})
        await receive_type(ws, "pong")


async def test_close(server):
    for code in (1000, 1001, 3000, 4000, 4999):
        async with v1(server) as ws:
            await connected(ws)
            await asyncio.wait_for(ws.close(code, "reason"), PATIENCE)
            check(ws.close_code == code, f"Close {code} was answered with {ws.close_code}")


async def test_one_order(server):
    members = [await v2(server) for _ in range(20)]
    try:
        for ws in members:
            await connected(ws)
            await join(ws, "order")
        talkers = members[:5]
        for i in range(20):
            for number, ws in enumerate(talkers):
                await send(ws, {"type": "message", "room": "order", "content": f"{number}/{i}", "cid": f"{number}/{i}"})
        expected = list(range(1, 101))
        first = None
        for ws in members:
            seen = [await receive_type(ws, "message") for _ in expected]
            check([message["seq"] for message in seen] == expected, "a member saw a hole or another order")
            ids = [message["id"] for message in seen]
            first = first or ids
            check(ids == first, "two members saw different messages")
    finally:
        for ws in members:
            await ws.close()


async def test_drain(server):  # the last one: it ends the server
    async with v1(server) as old, v2(server) as modern:
        await connected(old)
        await connected(modern)
        server.process.send_signal(signal.SIGTERM)
        frame = await receive_type(modern, "reconnect")
        check(frame["reason"] == "shutdown" and frame["delay_ms"] >= 0, f"{frame}")
        await closed(modern, 4200)
        await closed(old, 1001)


async def run(server):
    tests = [(name, test) for name, test in globals().items() if name.startswith("test_")]
    for name, test in tests:
        try:
            await asyncio.wait_for(test(server), 5 * PATIENCE)
        except (Failure, ConnectionClosed, asyncio.TimeoutError, KeyError, OSError) as problem:
            raise Failure(f"{name}: {type(problem).__name__}: {problem}") from problem
        print(f"passed {name}")


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    server = Server(sys.argv[1])
    try:
        asyncio.run(run(server))
        code = server.stop()
        check(code == 0, f"the server exited with {code}:\n{server.text()}")
    except Failure as problem:
        print(f"FAILED {problem}\n--- the server's log ---\n{server.text()[-4000:]}")
        return 1
    finally:
        server.process.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
