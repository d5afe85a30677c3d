# SPDX-License-Identifier: MIT
"""The servers that compare.py, store.py and redis.py compare: how each is started and measured, what it speaks, and why it may be
missing."""
import ctypes
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"  # Debian's, which sees Debian's packages
START_TIMEOUT = 30
PR_SET_PDEATHSIG = 1
PARLOR_OPTIONS = ["--listen", "127.0.0.1:0", "--workers", "1", "--rate", "0", "--inbound-rate", "0", "--ping", "0"]
IN_MEMORY = ["--store", "memory"]


class CannotStart(Exception):
    """What a server said instead of where it listens."""


@dataclass
class Server:
    """A server to compare. `sends`: how it sends, as its floor does; `at_most`: clients of a scenario, by its name."""
    name: str
    dialect: str
    command: list
    sends: str = "send"
    missing: str = ""
    environment: dict = field(default_factory=dict)
    at_most: dict = field(default_factory=dict)
    arguments: dict = field(default_factory=dict)  # of bench_client
    is_faulty: bool = False                        # loses messages, to see whether that is noticed
    prepare: object = None  # to be called before the first start; returns why it is missing after all

    @property
    def family(self):
        return self.name.split("/")[0]


def all_servers(binaries):
    """Every server, those too that are missing here. `binaries`: where the build put the programs."""
    ring_refused = refusal_of_ring(binaries)
    return [*parlor(binaries, ring_refused), *floor(binaries, ring_refused), node_ws(binaries), fastapi(),
            built(binaries, "qwebsocketserver", "qt6-websockets-dev", at_most={"storm": 2000, "idle": 2000}),
            built(binaries, "libwebsockets", "libwebsockets-dev"),
            Server("faulty", "rooms", [str(binaries / "bench_floor"), "faulty"], arguments={"patience": 1},
                   is_faulty=True)]


def refusal_of_ring(binaries):
    probe = subprocess.run([binaries / "bench_floor", "probe"], capture_output=True, text=True, check=False)
    return probe.stderr.strip() if probe.returncode else ""


def parlor(binaries, ring_refused):
    program = str(binaries / "parlor-server")
    manual = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    if "--sends" not in manual:
        return [Server("parlor", "v1", [program, *PARLOR_OPTIONS, *IN_MEMORY])]
    return [Server(f"parlor/{way}", "v1", [program, *PARLOR_OPTIONS, *IN_MEMORY, "--sends", way], sends=way,
                   missing=ring_refused if way == "io_uring" else "") for way in ("io_uring", "send")]


def floor(binaries, ring_refused):
    return [Server(f"floor/{way}", "rooms", [str(binaries / "bench_floor"), way], sends=way,
                   missing=ring_refused if way == "io_uring" else "") for way in ("io_uring", "send")]


def node_ws(binaries):
    modules = binaries.parent / "bench-peers" / "node_modules"
    server = Server("ws", "rooms", ["node", str(HERE / "peers" / "ws.js")], environment={"NODE_PATH": str(modules)})
    if not shutil.which("node"):
        server.missing = "node is not installed"
    server.prepare = lambda: install_ws(modules)
    return server


def install_ws(modules):
    """Node's ws into the build folder; returns why not."""
    if (modules / "ws").is_dir():
        return ""
    modules.parent.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(modules.parent), "ws@8"],
                              capture_output=True, text=True, timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"npm install ws: {error}"
    return f"npm install ws: {(done.stderr.strip().splitlines() or ['?'])[0]}" if done.returncode else ""


def fastapi():
    server = Server("fastapi", "v1", [PYTHON, str(HERE / "peers" / "fastapi_server.py")],
                    at_most={"fanout": 500, "storm": 2000, "idle": 2000})
    probe = [PYTHON, "-c", "import fastapi, uvicorn, websockets"]
    if not os.path.exists(PYTHON) or subprocess.run(probe, capture_output=True, check=False).returncode:
        server.missing = "apt install python3-fastapi python3-uvicorn python3-websockets"
    return server


def built(binaries, name, package, at_most=None):
    program = binaries / f"bench_{name}"
    missing = "" if program.exists() else f"not built: apt install {package}, configure and build again"
    return Server(name, "rooms", [str(program)], missing=missing, at_most=at_most or {})


class Running:
    """A server on one core, from its start until the block that it is used in ends."""

    def __init__(self, server, core):
        self.server, self.core = server, core

    def __enter__(self):
        self.log = tempfile.TemporaryFile("w+")
        try:
            self.process = subprocess.Popen(self.server.command, stdout=self.log, stderr=self.log,
                                            env={**os.environ, **self.server.environment}, preexec_fn=self.settle)
        except OSError as error:
            raise CannotStart(str(error)) from error
        self.pid = self.process.pid
        self.port = self.wait_for_port()
        return self

    def settle(self):
        on_core(self.core)

    def wait_for_port(self):
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            said = self.said()
            if found := re.search(r"listening on \S*?:(\d+)", said):
                return int(found[1])
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        self.__exit__()
        raise CannotStart((said.strip().splitlines() or ["it said nothing"])[-1])

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()


def on_core(core):
    """For a child, before it starts: it ends with us, has its core (None: any), and all descriptors that it may."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if core is not None:
        os.sched_setaffinity(0, {core})
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def cores():
    """The server's and the client's; none where there are not two."""
    allowed = sorted(os.sched_getaffinity(0))
    return (allowed[0], allowed[1]) if len(allowed) > 1 else (None, None)


def measure(scenario, server, arguments, binaries, on_cores, processes=1):
    """The phases of bench_client's scenario against so many fresh processes of this server, on one core together."""
    server_core, client_core = on_cores
    try:
        with ExitStack() as stack:
            running = [stack.enter_context(Running(server, server_core)) for _ in range(processes)]
            command = [str(binaries / "bench_client"), scenario, "--port", ",".join(str(each.port) for each in running),
                       "--pid", ",".join(str(each.pid) for each in running)]
            for name, value in arguments.items():
                command += [f"--{name}", str(value)]
            client = subprocess.run(command, capture_output=True, text=True, check=False,
                                    preexec_fn=lambda: on_core(client_core))
            if client.returncode:
                return [broken(f"bench_client: {client.stderr.strip()}")]
            return json.loads(client.stdout)["phases"]
    except CannotStart as error:
        return [broken(f"it does not start: {error}")]


def broken(problem):
    return {"complete": False, "problem": problem}
