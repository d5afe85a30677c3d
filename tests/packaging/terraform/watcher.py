# SPDX-License-Identifier: MIT
"""packaging/aws/parlor-aws-drain against an instance metadata service of ours on loopback.

usage: watcher.py PARLOR_SERVER [unittest's options]
"""

import asyncio
import http.server
import json
import os
import pathlib
import re
import signal
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import unittest

try:
    import websockets
except ImportError:
    print("python3-websockets is not installed")
    sys.exit(77)

SCRIPT = pathlib.Path(__file__).resolve().parents[3] / "packaging/aws/parlor-aws-drain"
PATIENCE = 30  # seconds that a test waits for what must come
SERVER = None


class Imds(socketserver.ThreadingTCPServer):
    """IMDSv2 as EC2 has it: no data without a token that is still good."""

    daemon_threads = True

    def __init__(self):
        self.items = {"autoscaling/target-lifecycle-state": "InService", "instance-id": "i-0123456789abcdef0"}
        self.tokens = []       # that were given
        self.refused = 0       # requests without a good token
        self.seen = []         # paths that were answered
        self.good = set()
        self.broken = None     # the status of every answer
        self.hanging = set()   # paths that get no answer
        self.release = threading.Event()
        super().__init__(("127.0.0.1", 0), ImdsHandler)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def close(self):
        self.release.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, *_):
        """The script may leave before the answer."""


class ImdsHandler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, text=""):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_PUT(self):
        imds = self.server
        if imds.broken:
            return self.answer(imds.broken)
        if self.path != "/latest/api/token" or not self.headers.get("X-aws-ec2-metadata-token-ttl-seconds"):
            return self.answer(400)
        token = f"token-{len(imds.tokens)}"
        imds.tokens.append(token)
        imds.good.add(token)
        return self.answer(200, token)

    def do_GET(self):
        imds = self.server
        name = self.path.removeprefix("/latest/meta-data/")
        if name in imds.hanging:
            imds.release.wait(PATIENCE)
            return None
        if imds.broken:
            return self.answer(imds.broken)
        if self.headers.get("X-aws-ec2-metadata-token") not in imds.good:
            imds.refused += 1
            return self.answer(401)
        imds.seen.append(name)
        return self.answer(200, imds.items[name]) if name in imds.items else self.answer(404)


class Watcher:
    """The script, with a command of ours in the place of systemctl."""

    def __init__(self, folder, imds, path="", **variables):
        self.told = folder / "drained"
        self.log = folder / "log"
        environment = {"PATH": f"{path}{os.environ['PATH']}", "IMDS": imds, "INTERVAL": "0.05", "TARGET_EVERY": "1",
                       "DRAIN": f"echo drain >>{self.told}"} | variables
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(["sh", SCRIPT], env=environment, stderr=log)

    def drained(self):
        return self.told.read_text().split() if self.told.exists() else []

    def text(self):
        return self.log.read_text()

    def end(self):
        return self.process.wait(PATIENCE)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class WatcherTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="parlor-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.imds = Imds()
        self.addCleanup(self.imds.close)

    def start(self, **arguments):
        watcher = Watcher(self.folder, arguments.pop("imds", self.imds.url), **arguments)
        self.addCleanup(watcher.kill)
        return watcher

    def until(self, condition, what):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"waited in vain: {what}")
            time.sleep(0.01)

    def until_looked(self, times=3, name="autoscaling/target-lifecycle-state"):
        so_far = self.imds.seen.count(name)
        self.until(lambda: self.imds.seen.count(name) >= so_far + times, f"a look at {name}")

    def ends_with_one_drain(self, watcher, sign):
        self.assertEqual(watcher.end(), 0, watcher.text())
        self.assertEqual(watcher.drained(), ["drain"])
        self.assertIn(sign, watcher.text())

    def test_nothing_happens_while_the_instance_is_in_service(self):
        watcher = self.start()
        self.until_looked(5)
        self.assertEqual(watcher.drained(), [])
        self.assertIsNone(watcher.process.poll())
        self.assertEqual(watcher.text().count("\n"), 1, watcher.text())

    def test_the_group_ends_the_instance(self):
        for state in ("Terminated", "Detached", "Standby", "Terminated\n"):
            with self.subTest(state):
                self.imds.items["autoscaling/target-lifecycle-state"] = "InService"
                (self.folder / "drained").unlink(missing_ok=True)
                watcher = self.start()
                self.until_looked()
                self.imds.items["autoscaling/target-lifecycle-state"] = state
                self.ends_with_one_drain(watcher, f"wants this instance {state.strip()};")

    def test_a_warm_pool_is_no_end(self):
        for state in ("Warmed:Stopped", "Warmed:Terminated", "InService\n"):
            self.imds.items["autoscaling/target-lifecycle-state"] = state
            watcher = self.start()
            self.until_looked()
            self.assertEqual(watcher.drained(), [], state)
            watcher.kill()

    def test_a_spot_notice(self):
        del self.imds.items["autoscaling/target-lifecycle-state"]  # in no group
        watcher = self.start()
        self.until_looked(name="instance-id", times=0)
        self.imds.items["spot/instance-action"] = '{"action":"terminate","time":"2026-11-28T12:00:00Z"}'
        self.ends_with_one_drain(watcher, "spot instance is to be interrupted")

    def test_what_is_no_spot_notice(self):
        for body in ("", "<html>sign in</html>", "none", '{"message":"no"}'):
            self.imds.items["spot/instance-action"] = body
            watcher = self.start()
            self.until_looked()
            self.assertEqual(watcher.drained(), [], body)
            watcher.kill()

    def test_every_request_has_a_good_token(self):
        self.start()
        self.until_looked(5)
        self.assertEqual(self.imds.refused, 0)
        self.assertEqual(len(self.imds.tokens), 1)

    def test_an_expired_token_is_renewed(self):
        watcher = self.start()
        self.until_looked()
        self.imds.good.clear()
        self.until_looked()
        self.assertEqual(len(self.imds.tokens), 2)
        self.assertEqual(watcher.text().count("\n"), 1, watcher.text())
        self.imds.items["autoscaling/target-lifecycle-state"] = "Terminated"
        self.ends_with_one_drain(watcher, "Terminated")

    def test_a_service_that_fails_for_a_while_is_told_once(self):
        watcher = self.start(ATTEMPTS="2")
        self.until_looked()
        self.imds.broken = 500
        self.until(lambda: "does not answer" in watcher.text(), "its complaint")
        time.sleep(0.5)  # many looks
        self.imds.broken = None
        self.until(lambda: "answers again" in watcher.text(), "its relief")
        self.assertEqual(watcher.text().count("\n"), 3, watcher.text())
        self.imds.items["autoscaling/target-lifecycle-state"] = "Terminated"
        self.ends_with_one_drain(watcher, "Terminated")

    def test_a_service_that_hangs_does_not_hold_it(self):
        self.imds.hanging = {"spot/instance-action"}
        watcher = self.start()
        self.until_looked(1)
        self.imds.items["autoscaling/target-lifecycle-state"] = "Terminated"
        self.ends_with_one_drain(watcher, "Terminated")

    def test_it_is_no_instance(self):
        self.imds.close()
        watcher = self.start(ATTEMPTS="3")
        self.assertEqual(watcher.end(), 0)
        self.assertEqual(watcher.drained(), [])
        self.assertEqual(watcher.text().count("\n"), 1, watcher.text())
        self.assertIn("this is no EC2 instance", watcher.text())

    def test_a_drain_that_fails_is_tried_again(self):
        self.imds.items["autoscaling/target-lifecycle-state"] = "Terminated"
        told = self.folder / "drained"
        watcher = self.start(DRAIN=f"echo drain >>{told}; [ $(wc -l <{told}) = 3 ]")
        self.assertEqual(watcher.end(), 0)
        self.assertEqual(watcher.drained(), ["drain"] * 3)
        self.assertEqual(watcher.text().count("failed; trying again"), 2)

    def test_the_balancer_drains_the_instance(self):
        bin_folder = self.folder / "bin"
        bin_folder.mkdir()
        state = self.folder / "state"
        state.write_text("healthy")
        arguments = self.folder / "arguments"
        aws = bin_folder / "aws"
        aws.write_text(f'#!/bin/sh\necho "$*" >>{arguments}\ncat {state}\n')
        aws.chmod(0o755)
        watcher = self.start(path=f"{bin_folder}:", TARGET_GROUP_ARN="arn:aws:tg")
        self.until(lambda: arguments.exists() and arguments.read_text().count("\n") >= 3, "questions to the balancer")
        self.assertEqual(watcher.drained(), [])
        for each in ("--target-group-arn arn:aws:tg", "--targets Id=i-0123456789abcdef0"):
            self.assertIn(each, arguments.read_text())
        state.write_text("draining")
        self.ends_with_one_drain(watcher, "the load balancer drains i-0123456789abcdef0")

    def test_the_command_line_tool_is_absent(self):
        only = self.folder / "only"
        only.mkdir()
        for program in ("sh", "curl", "sleep", "cat", "timeout"):
            (only / program).symlink_to(subprocess.check_output(["which", program], text=True).strip())
        watcher = self.start(TARGET_GROUP_ARN="arn:aws:tg", PATH=str(only))
        self.until(lambda: "no AWS CLI" in watcher.text(), "its word about the CLI")
        self.imds.items["autoscaling/target-lifecycle-state"] = "Terminated"
        self.ends_with_one_drain(watcher, "Terminated")

    def test_a_client_is_told_to_reconnect(self):
        log = self.folder / "server"
        with open(log, "w", encoding="utf-8") as output:
            server = subprocess.Popen([SERVER, "--listen", "127.0.0.1:0", "--store", "memory", "--drain-timeout", "2s"],
                                      stderr=output, env={"PATH": os.environ["PATH"]})
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        listening = re.compile(r"listening on (ws://127\.0\.0\.1:\d+)")
        self.until(lambda: listening.search(log.read_text()), "the server's address")
        url = listening.search(log.read_text()).group(1) + "/ws"

        async def told():
            async with websockets.connect(url, subprotocols=["parlor.v2"], open_timeout=PATIENCE) as client:
                frame = json.loads(await client.recv())
                self.assertEqual(frame["type"], "connection")
                self.imds.items["autoscaling/target-lifecycle-state"] = "Terminated"
                while frame["type"] != "reconnect":
                    frame = json.loads(await asyncio.wait_for(client.recv(), PATIENCE))
                await client.wait_closed()
                return frame, client.close_code

        watcher = self.start(DRAIN=f"kill -TERM {server.pid}")
        frame, code = asyncio.run(told())
        self.assertEqual(frame["reason"], "shutdown")
        self.assertEqual(code, 4200)
        self.assertEqual(watcher.end(), 0)
        self.assertEqual(server.wait(PATIENCE), 0, log.read_text())


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    SERVER = sys.argv.pop(1)
    unittest.main()
