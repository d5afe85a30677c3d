# SPDX-License-Identifier: MIT
"""The admin API of a running server, with its OpenAPI file as the judge, and parlor-cli admin on top of it.

usage: admin_api.py BIN OPENAPI
Exits with 0; 1 if something is not as the file says; 77 where Debian's packages for it are missing.
"""
import asyncio
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

try:
    import jsonschema
    import websockets
    import yaml
except ImportError as missing:
    print(missing)
    sys.exit(77)

BIN = pathlib.Path(sys.argv[1])
SPECIFICATION = yaml.safe_load(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8"))
del sys.argv[1:3]
KEY = "do-not-log-0123456789abcdefghijklmnopqrstuv"
SECOND = "do-not-log-9876543210abcdefghijklmnopqrstuv"
PATIENCE = 20
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("PARLOR_")}
seen = set() # operations that gave what they are for


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self.path)


def validate(value, schema):
    resolver = jsonschema.RefResolver("", SPECIFICATION)
    jsonschema.Draft202012Validator(schema, resolver=resolver).validate(value)


def operation_of(method, path):
    """The path's template in the file, and what the file says of it."""
    for template, item in SPECIFICATION["paths"].items():
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
            return template, item.get(method.lower())
    return None, None


def resolved(part):
    while "$ref" in part:
        found = SPECIFICATION
        for name in part["$ref"][2:].split("/"):
            found = found[name]
        part = found
    return part


class Server:
    """A server with an admin API, in a folder of its own."""

    def __init__(self, *arguments, listen="127.0.0.1:0"):
        self.folder = tempfile.TemporaryDirectory(prefix="parlor-admin-")
        self.key_file = pathlib.Path(self.folder.name) / "keys"
        self.key_file.write_text(f"ops:{KEY}\n")
        self.key_file.chmod(0o600)
        self.log = pathlib.Path(self.folder.name) / "log"
        command = [BIN / "parlor-server", "--listen", "127.0.0.1:0", "--store", "memory", "--admin-listen", listen,
                   "--drain-timeout", "2s", *arguments]
        if not listen.startswith("unix:"):
            command += ["--admin-key-file", self.key_file]
        with open(self.log, "w", encoding="utf-8") as output:
            self.process = subprocess.Popen(command, stderr=output, env=ENVIRONMENT)
        self.admin = self.said(r"the admin API is at (\S+)")
        self.url = self.said(r"listening on (ws://\S+)")

    def text(self):
        return self.log.read_text(encoding="utf-8")

    def said(self, pattern):
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.text())):
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError(f"the log does not say {pattern}:\n{self.text()}")
            time.sleep(0.01)
        return found.group(1) if found.groups() else found.group()

    def connection(self):
        if self.admin.startswith("unix:"):
            return UnixConnection(self.admin[5:])
        return http.client.HTTPConnection(self.admin.removeprefix("http://"), timeout=PATIENCE)

    def ask(self, method, path, body=None, key=KEY, right=True):
        """Status and JSON. What is sent (`right`) and what comes has to be as the file says."""
        plain = urllib.parse.urlsplit(path).path
        template, operation = operation_of(method, plain)
        if right:
            assert operation, f"{method} {plain} is not in the file"
            if body is not None:
                validate(body, operation["requestBody"]["content"]["application/json"]["schema"])
        connection = self.connection()
        fields = {"Authorization": f"Bearer {key}"} if key else {}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, data, fields)
        answer = connection.getresponse()
        reply = json.loads(answer.read())
        assert answer.getheader("Content-Type") == "application/json"
        connection.close()
        if operation:
            described = operation["responses"].get(str(answer.status), operation["responses"]["default"])
            validate(reply, resolved(described)["content"]["application/json"]["schema"])
            if answer.status < 400:
                seen.add((method, template))
        if answer.status >= 400:
            validate(reply, SPECIFICATION["components"]["schemas"]["Error"])
        return answer.status, reply

    def cli(self, *arguments, key=True):
        command = [BIN / "parlor-cli", "admin", "--server", self.admin, *arguments]
        if key and not self.admin.startswith("unix:"):
            command += ["--key-file", self.key_file]
        return subprocess.run(command, capture_output=True, text=True, timeout=3 * PATIENCE, check=False,
                              env=ENVIRONMENT | {"LC_ALL": "C.UTF-8"})

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            if "from now on" in self.said("connections moved|/ready says 503 from now on"):
                self.process.send_signal(signal.SIGTERM) # ends the drain-delay
        code = self.process.wait(3 * PATIENCE)
        text = self.text()
        self.folder.cleanup()
        assert code == 0, text
        assert KEY not in text and SECOND not in text, "a key is in the log"


async def receive(ws, kind):
    while True:
        frame = json.loads(await asyncio.wait_for(ws.recv(), PATIENCE))
        if frame["type"] == kind:
            return frame


async def join(ws, room):
    await ws.send(json.dumps({"type": "join", "room": room}))
    await receive(ws, "sync")


@contextlib.asynccontextmanager
async def member(server, room):
    async with websockets.connect(server.url, subprotocols=["parlor.v2"], ping_interval=None) as ws:
        await receive(ws, "connection")
        await ws.send(json.dumps({"type": "auth", "username": "ann"}))
        ws.user = (await receive(ws, "ack"))["user"]
        await join(ws, room)
        yield ws


async def closed(ws):
    """The code and the reason of the server's Close."""
    try:
        while True:
            await asyncio.wait_for(ws.recv(), PATIENCE)
    except websockets.exceptions.ConnectionClosed:
        return ws.close_code, ws.close_reason


class WithServer(unittest.IsolatedAsyncioTestCase):
    arguments = ()

    def setUp(self):
        self.server = Server(*self.arguments)

    def tearDown(self):
        self.server.stop()

    async def ask(self, *arguments, **named):
        return await asyncio.to_thread(self.server.ask, *arguments, **named)

    def refused(self, answer, status, code):
        self.assertEqual((answer[0], answer[1].get("code")), (status, code), answer)


class Rooms(WithServer):
    async def test_what_is_there(self):
        async with member(self.server, "general") as ann:
            status, reply = await self.ask("GET", "/v1/rooms?prefix=gen")
            self.assertEqual(reply, {"rooms": [{"name": "general", "count": 1, "seq": 0}], "more": False})
            status, reply = await self.ask("GET", "/v1/rooms?limit=1&after=general")
            self.assertEqual(([each["name"] for each in reply["rooms"]], reply["more"]), (["random"], True))
            status, reply = await self.ask("GET", "/v1/rooms/general/members")
            self.assertEqual((status, [each["user"] for each in reply["members"]]), (200, [ann.user]))
        self.refused(await self.ask("GET", "/v1/rooms/nowhere/members"), 404, "room_unknown")
        self.refused(await self.ask("GET", "/v1/rooms/no%20room/messages"), 400, "room_invalid")
        self.refused(await self.ask("POST", "/v1/rooms/nowhere/messages", {"content": "x"}), 404, "room_unknown")

    async def test_say_read_delete(self):
        async with member(self.server, "general") as ann:
            body = {"content": "grüße 😀", "cid": "c1"}
            status, reply = await self.ask("POST", "/v1/rooms/general/messages?dry_run=true", body)
            self.assertEqual((status, reply), (200, {"dry_run": True, "room": "general", "receivers": 1}))
            status, said = await self.ask("POST", "/v1/rooms/general/messages", body)
            self.assertEqual((status, said["seq"], said["dup"]), (201, 1, False))
            heard = await receive(ann, "message")
            self.assertEqual((heard["content"], heard["sender"], heard["user"], heard["username"], heard["id"]),
                             ("grüße 😀", "server", "server", "Server", said["id"]))
            status, again = await self.ask("POST", "/v1/rooms/general/messages", body)
            self.assertEqual((again["seq"], again["dup"]), (1, True))

            status, page = await self.ask("GET", "/v1/rooms/general/messages?limit=10")
            self.assertEqual([event["content"] for event in page["events"]], ["grüße 😀"])
            place = f"/v1/rooms/general/messages/1?id={said['id']}"
            status, reply = await self.ask("DELETE", place + "&dry_run=true")
            self.assertEqual((status, reply["dup"]), (200, False))
            self.refused(await self.ask("DELETE", "/v1/rooms/general/messages/7?id=" + said["id"]), 400, "bad_request")
            self.refused(await self.ask("DELETE", "/v1/rooms/general/messages/7?dry_run=true&id=" + said["id"]), 400,
                         "bad_request")
            status, deleted = await self.ask("DELETE", place)
            self.assertEqual((status, deleted["seq"], deleted["target"]), (200, 2, said["id"]))
            event = await receive(ann, "deleted")
            self.assertEqual((event["id"], event["username"]), (deleted["id"], "Server"))
            status, twice = await self.ask("DELETE", place)
            self.assertEqual((twice["seq"], twice["dup"]), (2, True))
            status, reply = await self.ask("DELETE", place + "&dry_run=true")
            self.assertTrue(reply["dup"])
            status, page = await self.ask("GET", "/v1/rooms/general/messages")
            self.assertEqual([event["type"] for event in page["events"]], ["message", "deleted"])
        log = self.server.text()
        self.assertIn("admin action=say subject=room:general by=ops via=api outcome=dry_run", log)
        self.assertIn("admin action=say subject=room:general by=ops via=api outcome=done", log)
        self.assertIn('admin action=delete subject="room:general seq:1" by=ops via=api outcome=done', log)
        self.assertIn("admin action=read subject=room:general by=ops via=api outcome=done", log)
        self.assertNotIn("grüße", log)


class People(WithServer):
    async def test_sanctions(self):
        async with member(self.server, "general") as ann:
            kick = {"action": "kick", "user": ann.user, "reason": "enough"}
            status, reply = await self.ask("POST", "/v1/sanctions?dry_run=true", kick)
            self.assertEqual(reply, {"dry_run": True, "action": "kick", "subject": "user:" + ann.user})
            mute = {"action": "mute", "user": ann.user, "room": "general", "duration_ms": 60_000, "reason": "loud"}
            status, reply = await self.ask("POST", "/v1/sanctions", mute)
            self.assertEqual((status, reply["action"]), (200, "mute"))
            await receive(ann, "moderated")
            status, reply = await self.ask("POST", "/v1/sanctions", kick)
            self.assertEqual(status, 200)
            self.assertEqual(await closed(ann), (4005, "enough"))
        status, reply = await self.ask("POST", "/v1/sanctions", {"action": "ban", "network": "192.0.2.0/24"})
        self.assertEqual(status, 200, reply)
        await self.ask("POST", "/v1/sanctions", {"action": "slow", "room": "general", "interval_ms": 5000})
        await self.ask("POST", "/v1/sanctions?dry_run=true", {"action": "ban", "user": "eve"})
        status, reply = await self.ask("GET", "/v1/sanctions")
        found = {each["kind"]: each for each in reply["sanctions"]}
        self.assertEqual(sorted(found), ["ban", "mute", "slow"], reply)
        self.assertEqual((found["ban"]["network"], found["ban"]["by"]), ("192.0.2.0/24", "server"))
        self.assertEqual(found["slow"]["interval_ms"], 5000)
        self.assertEqual((found["mute"]["room"], found["mute"]["reason"]), ("general", "loud"))
        await self.ask("POST", "/v1/sanctions", {"action": "unban", "network": "192.0.2.0/24"})
        status, reply = await self.ask("GET", "/v1/sanctions")
        self.assertEqual(len(reply["sanctions"]), 2)
        status, reply = await self.ask("POST", "/v1/sanctions?dry_run=true", {"action": "unban", "user": "nobody"})
        self.assertEqual(status, 400, reply)
        for wrong in ({"action": "praise", "user": "x"}, {"action": "ban"}, {"user": "x"}, {"action": "ban", "user": 7},
                      {"action": "ban", "user": "x", "who": "y"}, {"action": "mute", "user": "x", "duration_ms": 0.5}):
            self.refused(await self.ask("POST", "/v1/sanctions", wrong, right=False), 400, "bad_request")
        log = self.server.text()
        self.assertRegex(log, r"admin action=kick subject=user:\S+ by=ops via=api outcome=done reason=enough")
        self.assertIn("admin action=ban subject=network:192.0.2.0/24 by=ops via=api outcome=done", log)


class Process(WithServer):
    arguments = ("--workers", "2", "--drain-delay", "1m")

    async def test_status_and_configuration(self):
        async with member(self.server, "general"):
            status, reply = await self.ask("GET", "/v1/status")
            self.assertEqual((reply["state"], reply["store"], reply["connections"]), ("ready", "memory", 1))
            self.assertEqual(sorted(each["connections"] for each in reply["workers"]), [0, 1])
        status, reply = await self.ask("GET", "/v1/config")
        self.assertEqual((reply["options"]["workers"], reply["options"]["drain-delay"]), ("2", "1m"))
        self.assertNotIn(KEY, json.dumps(reply))

    async def test_rebalance(self):
        async with member(self.server, "general") as ann, member(self.server, "general") as bob:
            everybody = {"fraction": 1, "within_ms": 100}
            status, reply = await self.ask("POST", "/v1/rebalance?dry_run=true", everybody)
            self.assertEqual((status, reply["at_most"]), (200, 2))
            status, reply = await self.ask("POST", "/v1/rebalance", {"fraction": 0})
            self.assertEqual((status, reply["at_most"]), (202, 0))
            status, reply = await self.ask("POST", "/v1/rebalance", everybody)
            self.assertEqual((status, reply["at_most"]), (202, 2))
            for ws in (ann, bob):
                self.assertEqual((await receive(ws, "reconnect"))["reason"], "rebalance")
                self.assertEqual((await closed(ws))[0], 4203)
        async with member(self.server, "general") as ann: # newcomers stay
            await asyncio.sleep(0.3)
            self.assertTrue(ann.open)
            async with websockets.connect(self.server.url) as old:
                await receive(old, "connection")
                await self.ask("POST", "/v1/rebalance", {"fraction": 1, "within_ms": 0})
                self.assertEqual((await closed(ann))[0], 4203)
                await old.send(json.dumps({"type": "join", "room": "general"}))
                await receive(old, "room_users") # v1 is left alone
        self.refused(await self.ask("POST", "/v1/rebalance", {"fraction": 1.5}, right=False), 400, "bad_request")
        self.refused(await self.ask("POST", "/v1/rebalance", {}, right=False), 400, "bad_request")

    async def test_drain(self):
        status, reply = await self.ask("POST", "/v1/drain?dry_run=true")
        self.assertEqual((status, reply["state"]), (200, "ready"))
        for _ in range(2): # asked twice, the delay goes on
            status, reply = await self.ask("POST", "/v1/drain")
            self.assertEqual((status, reply["state"]), (202, "leaving"))
        self.refused(await self.ask("POST", "/v1/rebalance", {"fraction": 1}), 409, "conflict")
        status, reply = await self.ask("POST", "/v1/drain", {"now": True})
        self.assertEqual((status, reply["state"]), (202, "draining"))
        self.assertEqual(self.server.process.wait(PATIENCE), 0)

    async def test_reload(self):
        status, reply = await self.ask("POST", "/v1/reload?dry_run=true")
        self.assertTrue(reply["dry_run"])
        self.server.key_file.write_text(f"new:{SECOND}\n")
        await self.ask("POST", "/v1/reload?dry_run=true")
        status, reply = await self.ask("POST", "/v1/reload") # the old key still opens
        self.assertEqual(status, 200, reply)
        self.refused(await self.ask("GET", "/v1/status"), 401, "unauthorized")
        status, reply = await self.ask("GET", "/v1/status", key=SECOND)
        self.assertEqual(status, 200)
        self.server.key_file.write_text("short\n")
        status, reply = await self.ask("POST", "/v1/reload", key=SECOND)
        self.refused((status, reply), 409, "conflict")
        self.assertIn("at least 32", reply["error"])
        self.assertEqual((await self.ask("GET", "/v1/status", key=SECOND))[0], 200)


class Requests(WithServer):
    def exchange(self, request):
        """The status of what comes for these bytes, and how long that took."""
        host, port = self.server.admin.removeprefix("http://").split(":")
        begin = time.monotonic()
        with socket.create_connection((host, int(port)), PATIENCE) as raw:
            raw.settimeout(PATIENCE)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                raw.sendall(request)
            received = b""
            while piece := raw.recv(65536):
                received += piece
        return int(received.split()[1]), time.monotonic() - begin

    def head(self, method="POST", path="/v1/rooms/general/messages", fields=""):
        return (f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n{fields}\r\n").encode()

    def test_bounds(self):
        body = b'{"content":"x"}'
        length = f"Content-Length: {len(body)}\r\n"
        for name, request, status in (
            ("right", self.head(fields=length) + body, 201),
            ("chunked", self.head(fields="Transfer-Encoding: chunked\r\n") + b"f\r\n" + body, 411),
            ("too large", self.head(fields="Content-Length: 65537\r\n"), 413),
            ("far too large", self.head(fields=f"Content-Length: {'9' * 40}\r\n"), 413),
            ("pipelined", 2 * self.head("GET", "/v1/status"), 400),
            ("behind the body", self.head(fields=length) + body + b" ", 400),
            ("no JSON", self.head(fields="Content-Length: 4\r\n") + b"{no}", 400),
            ("no object", self.head(fields="Content-Length: 2\r\n") + b"[]", 400),
            ("no UTF-8", self.head(fields="Content-Length: 15\r\n") + b'{"content":"\xff"}', 400),
            ("nested", self.head(fields="Content-Length: 60000\r\n") + b"[" * 60000, 400),
            ("huge head", self.head(fields=f"X: {'x' * 9000}\r\n"), 431),
            ("many fields", self.head(fields="X: x\r\n" * 70), 431),
            ("no HTTP", b"\x16\x03\x01\r\n\r\n", 400),
            ("another method", self.head("PUT"), 405),
            ("another path", self.head("GET", "/v2/rooms"), 404),
            ("up", self.head("GET", "/v1/../v1/status"), 404),
            ("not decodable", self.head("GET", "/v1/rooms/%ff/members"), 400),
            ("twice", self.head("GET", "/v1/rooms?limit=1&limit=2"), 400),
            ("unknown parameter", self.head("GET", "/v1/rooms?limt=1"), 400),
            ("no number", self.head("GET", "/v1/rooms?limit=0x1"), 400),
            ("out of range", self.head("GET", "/v1/rooms?limit=100000"), 400),
            ("dry run of what", self.head("POST", "/v1/drain?dry_run=yes"), 400),
            ("before and after", self.head("GET", "/v1/rooms/general/messages?before=3&after=1"), 400),
            ("no id", self.head("DELETE", "/v1/rooms/general/messages/1"), 400),
        ):
            with self.subTest(name):
                self.assertEqual(self.exchange(request)[0], status)

    def test_slow(self):
        self.assertEqual(self.exchange(self.head(fields="Content-Length: 5\r\n") + b"{")[0], 408)

    def test_keys(self):
        for key in ("", "x", KEY[:-1], KEY + "x", KEY.upper()):
            with self.subTest(key):
                status, reply = self.server.ask("GET", "/v1/status", key=key)
                self.refused((status, reply), 401, "unauthorized")
        # Whoever has none learns nothing of paths, and has no body read.
        self.refused(self.server.ask("GET", "/nothing", key="", right=False), 401, "unauthorized")
        wrong = self.head().replace(KEY.encode(), b"x") + b"{"
        status, took = self.exchange(wrong)
        self.assertEqual(status, 401)
        self.assertGreater(took, 0.9) # each wrong key costs a second
        self.assertIn("refuse peer=127.0.0.1 reason=\"wrong key\"", self.server.text())

    def test_silent_connections_keep_nobody_out(self):
        host, port = self.server.admin.removeprefix("http://").split(":")
        with contextlib.ExitStack() as stack:
            for _ in range(40):
                stack.enter_context(socket.create_connection((host, int(port)), PATIENCE))
            self.assertEqual(self.server.ask("GET", "/v1/status")[0], 200)
            descriptors = len(os.listdir(f"/proc/{self.server.process.pid}/fd"))
            self.assertLess(descriptors, 80)


class UnixSocket(unittest.TestCase):
    def test_without_a_key(self):
        with tempfile.TemporaryDirectory(prefix="parlor-admin-") as folder:
            path = f"{folder}/socket"
            server = Server(listen="unix:" + path)
            try:
                self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
                self.assertEqual(server.ask("GET", "/v1/status", key=None)[0], 200)
                server.ask("POST", "/v1/reload", key=None)
                self.assertIn(f"action=reload subject=server by=uid:{os.getuid()} via=api outcome=done", server.text())
                self.assertIn("state", server.cli("status").stdout)
                second = subprocess.run([BIN / "parlor-server", "--listen", "127.0.0.1:0", "--store", "memory",
                                         "--admin-listen", "unix:" + path], capture_output=True, text=True,
                                        timeout=PATIENCE, check=False, env=ENVIRONMENT)
                self.assertEqual(second.returncode, 1)
                self.assertIn("another server has it", second.stderr)
                server.process.kill() # it leaves its file
                server.process.wait()
                self.assertTrue(os.path.exists(path))
                next_one = Server(listen="unix:" + path)
                self.assertEqual(next_one.ask("GET", "/v1/status", key=None)[0], 200)
                next_one.stop()
                self.assertFalse(os.path.exists(path))
            finally:
                server.process.kill()
                server.process.wait()
                server.folder.cleanup()


class Options(unittest.TestCase):
    def test_mistakes(self):
        with tempfile.NamedTemporaryFile("w", suffix=".key") as key:
            key.write(KEY)
            key.flush()
            for arguments, wanted in (
                (["--admin-listen", "0.0.0.0:0", "--admin-key-file", key.name], "without TLS"),
                (["--admin-listen", "127.0.0.1:0"], "needs a key"),
                (["--admin-listen", "https://127.0.0.1:0", "--admin-key-file", key.name], "needs a certificate"),
                (["--admin-listen", "unix:socket"], "no path from the root"),
                (["--admin-listen", "ftp://127.0.0.1:0"], "unknown scheme"),
            ):
                with self.subTest(arguments):
                    done = subprocess.run([BIN / "parlor-server", "--check-config", *arguments], capture_output=True,
                                          text=True, timeout=PATIENCE, check=False, env=ENVIRONMENT)
                    self.assertEqual(done.returncode, 2, done)
                    self.assertIn(wanted, done.stderr)


class CommandLine(WithServer):
    def test_commands(self):
        def text(*arguments, code=0):
            done = self.server.cli(*arguments)
            self.assertEqual(done.returncode, code, (arguments, done.stdout, done.stderr))
            return done.stdout + done.stderr

        self.assertRegex(text("rooms"), r"^ROOM +MEMBERS +NEWEST\ngeneral +0 +0\n")
        self.assertEqual(len(json.loads(text("rooms", "--json", "--limit", "2"))["rooms"]), 2)
        self.assertIn("would hear it", text("say", "general", "hi", "--dry-run"))
        self.assertIn("U+001B", text("say", "general", "\x1b[2J", code=1))
        said = json.loads(text("say", "general", "hi there", "--json"))
        shown = text("history", "general")
        self.assertRegex(shown, rf"1 +{said['id']} +\S+ +server +hi there")
        self.assertIn("would be deleted", text("delete", "general", "1", said["id"], "--dry-run"))
        self.assertIn("deleted, by the event 2", text("delete", "general", "1", said["id"]))
        self.assertIn("before", text("delete", "general", "1", said["id"]))
        self.assertIn("(deleted by Server)", text("history", "general"))
        self.assertRegex(text("members", "general"), r"^USER +ID +NAME\n$")
        text("ban", "eve", "--for", "5m", "--reason", "spam")
        text("ban", "--network", "192.0.2.0/24")
        text("mute", "eve", "--room", "general")
        text("slow", "general", "5s")
        shown = text("sanctions")
        self.assertRegex(shown, r"ban +user:eve +\d{4}-\S+ +server +spam")
        self.assertRegex(shown, r"ban +network:192\.0\.2\.0/24 +- +server")
        self.assertRegex(shown, r"mute +user:eve room:general +-")
        text("unmute", "eve", "--room", "general")
        self.assertIn("slow", text("slow", "general", "1h"))
        text("slow", "general", "off")
        text("unban", "eve")
        self.assertIn("network:", text("unban", "--network", "192.0.2.0/24"))
        self.assertEqual(text("sanctions").count("\n"), 1)
        text("kick", "eve", "--dry-run")
        self.assertRegex(text("status"), r"(?m)^state +ready$")
        self.assertRegex(text("config"), r"(?m)^store +memory$")
        self.assertIn("at most 0 of 0", text("rebalance", "0.5", "--within", "1s"))
        text("reload")
        self.assertIn("nothing was done", text("drain", "--dry-run"))

        self.assertIn("no room", text("members", "nowhere", code=1))
        self.assertEqual(json.loads(self.server.cli("members", "nowhere", "--json").stdout)["code"], "room_unknown")
        for wrong in (["praise"], ["members"], ["kick"], ["kick", "a", "b"], ["ban"], ["slow", "general", "soon"],
                      ["status", "--dry-run"], ["rebalance", "half"], ["rooms", "--limit", "0"]):
            self.assertIn("see parlor-cli admin --help", text(*wrong, code=2))
        done = self.server.cli("status", key=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no key", done.stderr)
        done = subprocess.run([BIN / "parlor-cli", "admin", "status", "--server", "unix:/nowhere/socket"],
                              capture_output=True, text=True, timeout=PATIENCE, check=False, env=ENVIRONMENT)
        self.assertEqual(done.returncode, 3)


class ZSpecification(unittest.TestCase):
    """Last: what the others have seen."""

    def test_every_operation_was_used(self):
        described = {(method.upper(), path) for path, item in SPECIFICATION["paths"].items() for method in item}
        self.assertEqual(described, seen)


if __name__ == "__main__":
    unittest.main()
