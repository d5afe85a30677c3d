# SPDX-License-Identifier: MIT
"""packaging/terraform/modules/servers/files/parlor-install, with programs of ours in the place of aws, apt-get and systemctl.

usage: install.py [unittest's options]
"""

import hashlib
import http.server
import os
import pathlib
import socketserver
import subprocess
import tempfile
import threading
import unittest

from watcher import Imds

SCRIPT = pathlib.Path(__file__).resolve().parents[3] / "packaging/terraform/modules/servers/files/parlor-install"
PACKAGE = b"a package"
SHA256 = hashlib.sha256(PACKAGE).hexdigest()

AWS = """#!/bin/sh
echo "aws $*" >>"$CALLS"
case "$*" in
*" cp "*) eval "printf '%s' 'a package' >\\${$#}" ;;
*get-secret-value*) [ -z "$NO_SECRET" ] && echo the-token ;;
*complete-lifecycle-action*) [ -z "$NO_HOOK" ] ;;
esac
"""
OTHER = """#!/bin/sh
echo "${0##*/} $*" >>"$CALLS"
"""


class Ready(http.server.BaseHTTPRequestHandler):
    """A server that is ready after some questions."""

    questions = 2

    def log_message(self, *_):
        pass

    def do_GET(self):
        Ready.questions -= 1
        self.send_response(200 if Ready.questions < 0 and self.path == "/ready" else 503)
        self.end_headers()


class Install(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="parlor-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.imds = Imds()
        self.addCleanup(self.imds.close)
        self.server = socketserver.TCPServer(("127.0.0.1", 0), Ready)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        for name, text in (("aws", AWS), ("apt-get", OTHER), ("systemctl", OTHER), ("journalctl", OTHER), ("sleep", OTHER),
                           ("amazon-cloudwatch-agent-ctl", OTHER)):
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o755)

    def run_it(self, *, sha256=SHA256, questions=2, **variables):
        Ready.questions = questions
        (self.folder / "install.env").write_text("".join(f"{name}='{value}'\n" for name, value in {
            "AWS_REGION": "eu-central-1", "PARLOR_SERVER_URL": "s3://bucket/parlor-server.deb", "PARLOR_SERVER_SHA256": sha256,
            "SSM_AGENT_URL": "s3://bucket/ssm.deb", "SSM_AGENT_SHA256": SHA256,
            "CLOUDWATCH_AGENT_URL": "s3://bucket/cloudwatch.deb", "CLOUDWATCH_AGENT_SHA256": SHA256,
            "SECRET": "arn:secret", "PORT": self.server.server_address[1], "GROUP": "parlor-servers",
            "LAUNCH_HOOK": "parlor-launch"}.items()))
        self.calls = self.folder / "calls"
        self.calls.write_text("")
        answer = subprocess.run(["sh", SCRIPT], capture_output=True, text=True, timeout=60, env={
            "PATH": f"{self.folder}:{os.environ['PATH']}", "ETC": str(self.folder), "IMDS": self.imds.url,
            "CALLS": str(self.calls), "NO_SECRET": "", "NO_HOOK": "", "TMPDIR": str(self.folder)} | variables)
        return answer.returncode, answer.stderr, self.calls.read_text()

    def test_a_server_that_is_ready_gets_clients(self):
        code, text, calls = self.run_it()
        self.assertEqual(code, 0, text)
        self.assertEqual(calls.count("apt-get"), 3)
        token = self.folder / "redis"
        self.assertEqual(token.read_text(), "the-token\n")
        self.assertEqual(token.stat().st_mode & 0o777, 0o600)
        order = ["ssm.deb", "cloudwatch.deb", "get-secret-value", "parlor-server.deb",
                 "systemctl enable --now parlor-server.service parlor-aws-drain.service",
                 "amazon-cloudwatch-agent-ctl", "--lifecycle-action-result CONTINUE"]
        self.assertEqual(sorted(order, key=calls.index), order)
        self.assertIn("--instance-id i-0123456789abcdef0", calls)
        self.assertEqual(list(self.folder.glob("tmp.*")), [])

    def test_another_checksum_is_not_installed(self):
        code, text, calls = self.run_it(sha256="0" * 64)
        self.assertEqual(code, 1)
        self.assertNotRegex(calls, r"apt-get .*parlor-server\.deb")
        self.assertIn("has another SHA-256 than 0000", text)
        self.assertIn("gave up at: install s3://bucket/parlor-server.deb", text)
        self.assertIn("--lifecycle-action-result ABANDON", calls)

    def test_without_its_secret_the_instance_is_given_up(self):
        code, text, calls = self.run_it(NO_SECRET="yes")
        self.assertNotEqual(code, 0)
        self.assertIn("gave up at: read the cache's token", text)
        self.assertIn("ABANDON", calls)
        self.assertNotIn("parlor-server.service", calls)

    def test_a_server_that_is_never_ready_is_given_up(self):
        code, text, calls = self.run_it(questions=1000)
        self.assertEqual(code, 1)
        self.assertIn("not ready after two minutes", text)
        self.assertIn("journalctl --unit parlor-server.service", calls)
        self.assertIn("ABANDON", calls)

    def test_a_group_that_does_not_wait_any_more_is_an_error(self):
        code, _, calls = self.run_it(NO_HOOK="yes")
        self.assertNotEqual(code, 0)
        self.assertIn("--lifecycle-action-result CONTINUE", calls)


if __name__ == "__main__":
    unittest.main()
