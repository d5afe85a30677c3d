# SPDX-License-Identifier: MIT
"""What an attack runs on: servers and their surroundings, read from outside."""
import asyncio
import ctypes
import http.client
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from freeport import free_port  # pylint: disable=wrong-import-position

HERE = Path(__file__).resolve().parent
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1
CLONE_NEWNET = 0x40000000
PAGE = resource.getpagesize()


class Impossible(Exception):
    """Why an attack cannot be made on this machine."""


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Impossible(f"{' '.join(command[:4])}: {done.stderr.strip()}")
    return done.stdout


class Process:
    """A child that ends with us. What it says goes to `log`."""

    def __init__(self, command, log, files=None, environment=None, group=None):
        self.log = log

        def prepare():
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if files:
                resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
            if group:
                (group / "cgroup.procs").write_text(str(os.getpid()))

        with open(log, "ab") as output:
            self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                          env=os.environ | (environment or {}), preexec_fn=prepare)
        self.pid = self.child.pid

    def is_alive(self):
        return self.child.poll() is None

    def signal(self, number):
        self.child.send_signal(number)

    def kill(self):
        if self.is_alive():
            self.child.kill()
        return self.child.wait()

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def memory(self):
        """Resident bytes."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * PAGE

    def cpu(self):
        """Seconds of CPU, user and system."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def said(self):
        return Path(self.log).read_text(errors="replace")


class Server(Process):
    """parlor-server on a port of its own, with its limits at their defaults unless `arguments` say otherwise."""

    def __init__(self, binaries, folder, name, arguments, listen="127.0.0.1:0", log=None, **settings):
        self.again = lambda at: Server(binaries, folder, name, arguments, at, log, **settings)
        self.name, log = name, log or folder / f"{name}.log"
        begin = log.stat().st_size if log.exists() else 0
        super().__init__([binaries / "parlor-server", "--listen", listen, "--hostname", name, "--workers", "2",
                          *map(str, arguments)], log, **settings)
        deadline = time.monotonic() + 20
        while not (found := re.search(r"listening on ws://([\d.]+):(\d+)", self.said()[begin:])):
            if not self.is_alive() or time.monotonic() > deadline:
                raise RuntimeError(f"{name} does not start: {self.said()[-2000:]}")
            time.sleep(0.02)
        self.address = (found[1], int(found[2]))
        while self.ask("/ready")[0] != 200 and time.monotonic() < deadline:  # Redis is asked first
            time.sleep(0.02)

    def restarted(self):
        """The same server anew, at the address that this one had."""
        return self.again(f"{self.address[0]}:{self.address[1]}")

    def ask(self, path):
        connection = http.client.HTTPConnection(*self.address, timeout=3)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def health(self):
        try:
            return self.ask("/health")[0]
        except OSError as error:
            return str(error)

    def metrics(self):
        values = {}
        for line in self.ask("/metrics")[1].splitlines():
            if line and line[0] != "#":
                name, _, value = line.rpartition(" ")
                values[name] = float(value)
        return values

    def lag(self, before, part=0.99):
        """The bucket of the event loops' lag in which the percentile lies, in seconds, since the metrics `before`."""
        buckets = {}
        for name, value in self.metrics().items():
            if found := re.match(r'parlor_event_loop_lag_seconds_bucket.*le="([^"]+)"', name):
                buckets[float(found[1])] = buckets.get(float(found[1]), 0) + value - before.get(name, 0)
        total = buckets.get(float("inf"), 0)
        return next(bound for bound, count in sorted(buckets.items()) if count >= part * total)


class Redis(Process):
    """A redis-server that has everything on disk before it says so, on a port that a restart keeps."""

    def __init__(self, folder, address="127.0.0.1", port=None, prefix=()):
        program = shutil.which("redis-server")
        if not program:
            raise Impossible("redis-server is not installed")
        self.address, self.port, self.folder, self.prefix = address, port or free_port(), folder, prefix
        super().__init__([*prefix, program, "--port", str(self.port), "--bind", address, "--save", "", "--dir", folder,
                          "--appendonly", "yes", "--appendfsync", "always", "--protected-mode", "no"],
                         folder / "redis.log")
        self.url = f"redis://{address}:{self.port}"
        deadline = time.monotonic() + 10
        while "PONG" not in (answer := self.command("PING")):
            if time.monotonic() > deadline:
                raise RuntimeError(f"redis-server does not start: {answer} {self.said()[-500:]}")
            time.sleep(0.05)

    def command(self, *words):
        done = subprocess.run([*self.prefix, "redis-cli", "-h", self.address, "-p", str(self.port), *map(str, words)],
                              capture_output=True, text=True, check=False, timeout=20)
        return done.stdout + done.stderr

    def restarted(self):
        return Redis(self.folder, self.address, self.port, self.prefix)


class Good(Process):
    """goodclient.py beside the attack."""

    def __init__(self, folder, name, addresses, *arguments):
        with open(folder / f"{name}.err", "wb") as errors:
            self.child = subprocess.Popen(
                [sys.executable, HERE / "goodclient.py", *(f"{host}:{port}" for host, port in addresses),
                 *map(str, arguments)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
                preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
        self.pid, self.errors = self.child.pid, folder / f"{name}.err"

    async def line(self):
        line = await asyncio.to_thread(self.child.stdout.readline)
        if not line:
            raise RuntimeError(f"the good client ended: {self.errors.read_text()[-2000:]}")
        return line

    def phase(self, name):
        self.child.stdin.write(f"phase {name}\n")
        self.child.stdin.flush()

    async def end(self):
        self.child.stdin.write("end\n")
        self.child.stdin.flush()
        return json.loads(await self.line())


class Proxy:
    """A TCP proxy that delays what passes, on a thread of its own."""

    def __init__(self, target):
        self.target, self.delay, self.loop = target, 0.0, asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        starting = asyncio.run_coroutine_threadsafe(asyncio.start_server(self.accept, "127.0.0.1", 0), self.loop)
        self.server = starting.result(5)
        self.port = self.server.sockets[0].getsockname()[1]

    async def accept(self, reader, writer):
        try:
            other_reader, other_writer = await asyncio.open_connection(*self.target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self.carry(reader, other_writer), self.carry(other_reader, writer))

    async def carry(self, reader, writer):
        late = asyncio.Queue()
        writes = asyncio.ensure_future(self.write(late, writer))
        try:
            while data := await reader.read(1 << 16):
                late.put_nowait((self.loop.time() + self.delay, data))
        except OSError:
            pass
        late.put_nowait((self.loop.time() + self.delay, None))
        await writes

    async def write(self, late, writer):
        while True:
            due, data = await late.get()
            await asyncio.sleep(due - self.loop.time())
            if data is None:
                writer.close()
                return
            writer.write(data)

    def end(self):
        async def cancel():
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
        asyncio.run_coroutine_threadsafe(cancel(), self.loop).result(5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)


class Cable:
    """A network namespace with an Ethernet cable to it. Cut, it loses packets without a word."""
    here, there = "10.213.77.1", "10.213.77.2"

    def __init__(self):
        if os.geteuid():
            raise Impossible("network namespaces need root")
        self.name = f"chaos{os.getpid()}"
        self.link, self.peer = f"ch{os.getpid()}", f"cp{os.getpid()}"
        run("ip", "netns", "add", self.name)
        try:
            run("ip", "link", "add", self.link, "type", "veth", "peer", "name", self.peer, "netns", self.name)
            run("ip", "addr", "add", f"{self.here}/30", "dev", self.link)
            run("ip", "link", "set", self.link, "up")
            self.inside("ip", "addr", "add", f"{self.there}/30", "dev", self.peer)
            self.inside("ip", "link", "set", self.peer, "up")
            self.inside("ip", "link", "set", "lo", "up")
        except Impossible:
            self.end()
            raise

    @property
    def prefix(self):
        return ("ip", "netns", "exec", self.name)

    def inside(self, *command):
        return run(*self.prefix, *command)

    def cut(self):
        """Each end sends to an Ethernet address that nobody has."""
        nobody = ("lladdr", "02:00:00:00:00:99", "nud", "permanent")
        run("ip", "neigh", "replace", self.there, "dev", self.link, *nobody)
        self.inside("ip", "neigh", "replace", self.here, "dev", self.peer, *nobody)

    def mend(self):
        run("ip", "neigh", "del", self.there, "dev", self.link)
        self.inside("ip", "neigh", "del", self.here, "dev", self.peer)

    @contextmanager
    def entered(self):
        """Sockets made meanwhile are of the namespace."""
        with open("/proc/thread-self/ns/net", "rb") as home, open(f"/run/netns/{self.name}", "rb") as away:
            if LIBC.setns(away.fileno(), CLONE_NEWNET):
                raise Impossible(f"setns: {os.strerror(ctypes.get_errno())}")
            try:
                yield
            finally:
                LIBC.setns(home.fileno(), CLONE_NEWNET)

    def lose(self, words):
        run("tc", "qdisc", "replace", "dev", self.link, "root", "netem", *words.split())

    def end(self):
        subprocess.run(["ip", "netns", "del", self.name], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", self.link], check=False, capture_output=True)


class SmallDisk:
    """A file system of few bytes."""

    def __init__(self, folder, size):
        self.path = folder / "disk"
        self.path.mkdir()
        if os.geteuid():
            raise Impossible("mounting needs root")
        run("mount", "-t", "tmpfs", "-o", f"size={size}", "chaos", str(self.path))

    def fill(self):
        with open(self.path / "filler", "wb", buffering=0) as filler:
            for size in (1 << 16, 1 << 12, 1):
                try:
                    while filler.write(b"x" * size) == size:
                        pass
                except OSError:
                    continue

    def free(self):
        (self.path / "filler").unlink()

    def end(self):
        subprocess.run(["umount", "-l", self.path], check=False, capture_output=True)


class MemoryGroup:
    """A control group, version 1 or 2, with a limit of memory."""

    def __init__(self, size):
        ways = ((Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"), (Path("/sys/fs/cgroup"), "memory.max"))
        if os.geteuid():
            raise Impossible("control groups need root")
        for root, limit in ways:
            self.path = root / f"chaos-{os.getpid()}"
            try:
                self.path.mkdir()
                (self.path / limit).write_text(str(size))
                return
            except OSError as error:
                self.end()
                why = error
        raise Impossible(f"no control group with a limit of memory: {why}")

    def end(self):
        try:
            self.path.rmdir()
        except OSError:
            pass
