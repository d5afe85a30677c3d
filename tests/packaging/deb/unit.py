#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What cmake --install puts where, the systemd units as systemd reads them, and the server under the unit's filter of
system calls.

unit.py BUILD   the build folder
"""
import errno
import os
import pathlib
import platform
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from freeport import free_port  # pylint: disable=wrong-import-position

BUILD = pathlib.Path(sys.argv[1])
BIN = BUILD / "bin"
del sys.argv[1]
EXPOSURE_AT_MOST = "12" # 1.2, in tenths


def run(*command, **kwargs):
    return subprocess.run([str(part) for part in command], text=True, capture_output=True, check=False, **kwargs)


def install(folder, prefix):
    for component in ("server", "cli", "desktop"):
        done = run("cmake", "--install", BUILD, "--component", component, "--prefix", prefix,
                   env=os.environ | {"DESTDIR": str(folder)})
        assert done.returncode == 0, done.stderr


def settings(unit, name):
    return re.findall(rf"^{name}=(.*)$", unit.read_text(), re.MULTILINE)


class Units(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def units_below(self, prefix):
        return [self.folder / prefix / "lib/systemd/system" / name
                for name in ("parlor-server.service", "parlor-aws-drain.service")]

    def test_for_usr_the_configuration_is_in_etc(self):
        install(self.folder, "/usr")
        unit, watcher = self.units_below("usr")
        self.assertEqual(settings(unit, "ExecStart"),
                         ["/usr/bin/parlor-server --config /etc/parlor/server.toml"])
        self.assertEqual(settings(watcher, "ExecStart"), ["/usr/libexec/parlor/parlor-aws-drain"])
        for path in ("etc/parlor/server.toml", "usr/bin/parlor-server", "usr/bin/parlor-cli", "usr/bin/parlor",
                     "usr/libexec/parlor/parlor-aws-drain", "usr/share/applications/parlor.desktop",
                     "usr/share/icons/hicolor/scalable/apps/parlor.svg",
                     "usr/share/icons/hicolor/48x48/apps/parlor.png", "usr/share/man/man1/parlor-server.1.gz",
                     "usr/share/man/man5/parlor-server.toml.5.gz",
                     "usr/share/bash-completion/completions/parlor-cli"):
            self.assertTrue((self.folder / path).is_file(), path)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["etc", "usr"])

    def test_a_configuration_that_was_edited_is_kept(self):
        for prefix, path in (("/usr", "etc/parlor/server.toml"), ("/opt/parlor", "opt/parlor/etc/parlor/server.toml")):
            install(self.folder, prefix)
            (self.folder / path).write_text("listen = [\"0.0.0.0:8000\"]\n")
            install(self.folder, prefix)
            self.assertEqual((self.folder / path).read_text(), "listen = [\"0.0.0.0:8000\"]\n")

    def test_systemd_takes_the_units(self):
        install("", self.folder)
        unit, watcher = self.units_below("")
        self.assertEqual(settings(unit, "ExecStart"),
                         [f"{self.folder}/bin/parlor-server --config {self.folder}/etc/parlor/server.toml"])
        for each in (unit, watcher):
            done = run("systemd-analyze", "verify", "--man=no", each)
            self.assertEqual((done.returncode, done.stderr), (0, ""), each)
        done = run("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE_AT_MOST}", unit)
        self.assertEqual(done.returncode, 0, done.stdout[-200:])
        done = run(f"{self.folder}/bin/parlor-server", "--config", f"{self.folder}/etc/parlor/server.toml",
                   "--check-config", env={"STATE_DIRECTORY": "/var/lib/parlor"})
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_time_to_stop_exceeds_the_drain(self):
        install(self.folder, "/usr")
        unit = self.units_below("usr")[0]
        seconds = int(settings(unit, "TimeoutStopSec")[0].removesuffix("s"))
        # As docs/operating.md sets them behind a balancer with slow health checks.
        text = (pathlib.Path(__file__).parents[3] / "docs/operating.md").read_text()
        delay, timeout = map(int, re.search(r"--drain-delay (\d+)s --drain-timeout (\d+)s", text).groups())
        self.assertGreater(seconds, delay + timeout)


def system_calls(unit):
    """The names that SystemCallFilter= lets through."""
    listed = run("systemd-analyze", "syscall-filter", "--no-pager").stdout
    sets, name = {}, None
    for line in listed.splitlines():
        if line.startswith("@"):
            name = line.strip()
            sets[name] = []
        elif name and line.strip() and not line.strip().startswith("#"):
            sets[name].append(line.strip())

    def expand(word):
        return {each for inner in sets[word] for each in expand(inner)} if word.startswith("@") else {word}

    allowed = set()
    for line in settings(unit, "SystemCallFilter"):
        for word in line.removeprefix("~").split():
            allowed = allowed - expand(word) if line.startswith("~") else allowed | expand(word)
    return allowed | expand("@default") # systemd always lets these through


def confine(unit):
    """Loads the unit's filters for system calls, socket families and writable code into this process."""
    import seccomp
    rules = seccomp.SyscallFilter(defaction=seccomp.ERRNO(errno.EPERM))
    assert settings(unit, "MemoryDenyWriteExecute") == ["yes"]
    families = [getattr(socket, name) for name in settings(unit, "RestrictAddressFamilies")[0].split()]
    for name in system_calls(unit) | {"execve"}:
        try:
            number = seccomp.resolve_syscall(seccomp.Arch(), name)
        except Exception: # not of this machine's architecture
            continue
        if number < 0:
            continue
        if name == "socket":
            for family in families:
                rules.add_rule(seccomp.ALLOW, name, seccomp.Arg(0, seccomp.EQ, family))
        elif name == "mmap": # all but what is writable and executable
            for protection in (0, 2, 4): # PROT_NONE, PROT_WRITE, PROT_EXEC, each with PROT_READ or not
                rules.add_rule(seccomp.ALLOW, name, seccomp.Arg(2, seccomp.MASKED_EQ, 6, protection))
        elif name == "mprotect":
            rules.add_rule(seccomp.ALLOW, name, seccomp.Arg(2, seccomp.MASKED_EQ, 4, 0))
        else:
            rules.add_rule(seccomp.ALLOW, name)
    rules.load()


class Server:
    """A server with the state folder that systemd would give it; `confined` by a unit if that is given."""

    def __init__(self, folder, *options, confined=None):
        self.log = folder / "log"
        environment = {"STATE_DIRECTORY": str(folder), "PATH": "/usr/bin:/bin"}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [str(BIN / "parlor-server"), "--listen", "127.0.0.1:0", *options], env=environment, stderr=log,
                preexec_fn=(lambda: confine(confined)) if confined else None)
        self.url = self.until(r"listening on (ws://\S+)")

    def until(self, pattern):
        end = time.monotonic() + 30
        while not (found := re.search(pattern, self.log.read_text())):
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"the server's log lacks {pattern!r}:\n{self.log.read_text()}")
            time.sleep(0.05)
        return found.group(found.lastindex or 0)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@unittest.skipUnless(platform.machine() == "x86_64", "the mmap of other machines is another system call")
class Confinement(unittest.TestCase):
    def setUp(self):
        try:
            import seccomp # noqa: F401
        except ImportError:
            self.skipTest("python3-seccomp is not installed")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        install(self.folder / "tree", "/usr")
        self.unit = self.folder / "tree/usr/lib/systemd/system/parlor-server.service"

    def chat(self, server):
        said = run(BIN / "parlor-cli", "chat", server.url, "--name", "Ann", "--timeout", "20s", input="Hello\n")
        self.assertEqual(said.returncode, 0, said.stderr)
        heard = run(BIN / "parlor-cli", "chat", server.url, "--name", "Bob", "--history", "5", "--expect", "Hello",
                    "--timeout", "20s", input="")
        self.assertEqual(heard.returncode, 0, heard.stderr)

    def test_the_filter_bites(self):
        done = subprocess.run(["/usr/bin/python3", "-c", "import socket; socket.socket(socket.AF_NETLINK)"],
                              preexec_fn=lambda: confine(self.unit), capture_output=True, text=True, check=False)
        self.assertIn("Operation not permitted", done.stderr)

    def test_the_server_works_under_the_filter(self):
        state = self.folder / "free"
        state.mkdir()
        free = Server(state)
        sends = free.until(r"sends go (.*)")
        self.assertEqual(free.end(), 0)
        state = self.folder / "confined"
        state.mkdir()
        server = Server(state, confined=self.unit)
        self.assertEqual(server.until(r"sends go (.*)"), sends) # io_uring, where the machine has it
        self.chat(server)
        self.assertEqual(server.end(), 0)
        self.assertNotIn("not permitted", server.log.read_text())

    def test_it_finds_redis_by_name_under_the_filter(self):
        port = free_port()
        redis = subprocess.Popen(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
                                  "--dir", str(self.folder)], stdout=subprocess.DEVNULL)
        self.addCleanup(redis.wait)
        self.addCleanup(redis.terminate)
        state = self.folder / "state"
        state.mkdir()
        server = Server(state, "--redis", f"redis://localhost:{port}", confined=self.unit)
        self.chat(server)
        self.assertEqual(server.end(), 0)


if __name__ == "__main__":
    unittest.main()
