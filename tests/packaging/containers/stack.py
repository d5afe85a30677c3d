#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The images and the Compose stack for real, under Podman, with everything in a folder that goes at the end.

stack.py PARLOR-SERVER PARLOR-CLI

The base image is made by debootstrap, as no registry is needed so. The programs of this build stand in for the
Dockerfile's build stage, which compiles for minutes. What Podman's users have is left alone: storage, networks, locks
and configuration are the test's own.
"""
import concurrent.futures
import contextlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from freeport import free_port  # pylint: disable=wrong-import-position

SERVER, CLI = (Path(path).resolve() for path in sys.argv[1:3])
PACKAGING = Path(__file__).resolve().parents[3] / "packaging"
# Its name is also the network's, and all of root's Podmans share one name server.
PROJECT = f"parlortest{os.getpid()}"
OWNER = 4242


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def say(text):
    print(f"{time.monotonic() - started:6.1f} s  {text}", flush=True)


running = set()


def run(*command, timeout=60, **options):
    """A command that must succeed; its standard output."""
    command = [str(part) for part in command]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          start_new_session=True, **options) as process:
        running.add(process)
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            end(process)
            raise AssertionError(f"{' '.join(command)}: not done within {timeout} s") from None
        finally:
            running.discard(process)
    if process.returncode:
        raise AssertionError(f"{' '.join(command)}\nexited with {process.returncode}\n{output[-4000:]}")
    return output


def end(process):
    """Ends a command with all that it has started."""
    for sign, patience in ((signal.SIGTERM, 20), (signal.SIGKILL, 5)):
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, sign)
            process.wait(patience)


def until(what, check, limit=120):
    """Waits until check() gives something true, and returns it."""
    last = None
    end = time.monotonic() + limit
    while time.monotonic() < end:
        try:
            last = check()
            if last:
                return last
        except (AssertionError, OSError, ValueError) as error:
            last = error
        time.sleep(0.5)
    raise AssertionError(f"{what}: not so within {limit} s; last: {last}")


def expect(what, held, seen=""):
    if not held:
        raise AssertionError(f"{what}\n{seen}")
    say(what)


def suite():
    """The release of this machine, whose libraries the programs need, and its mirror."""
    release = Path("/etc/os-release").read_text()
    if "\nID=debian\n" not in "\n" + release:
        skip("the images are Debian's, and the programs of this build are not built on Debian")
    codename = re.search(r"^VERSION_CODENAME=(\w+)$", release, re.MULTILINE)[1]
    mirrors = run("apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages", f"Codename: {codename}").split()
    mirror = os.environ.get("PARLOR_DEBIAN_MIRROR", mirrors[0] if mirrors else "")
    if not mirror:
        skip(f"apt knows no mirror of {codename}; name one in PARLOR_DEBIAN_MIRROR")
    try:
        urllib.request.urlopen(f"{mirror}/dists/{codename}/Release", timeout=20).close()
    except OSError as error:
        skip(f"{mirror} cannot be reached: {error}")
    return codename, mirror


class Engine:
    """Podman with a configuration, a storage and networks of its own, below a folder."""

    def __init__(self, folder):
        self.folder = folder
        limits = [resource.getrlimit(which)[1] for which in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC)]
        limits = [value if value != resource.RLIM_INFINITY else 1 << 20 for value in limits]
        # crun, the other runtime, does not run beside cgroups of both versions; limits may not be raised everywhere.
        (folder / "containers.conf").write_text(f"""
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
lock_type = "file"
tmp_dir = "{folder}/tmp"
[network]
network_backend = "netavark"
network_config_dir = "{folder}/networks"
[containers]
default_ulimits = ["nofile={min(limits[0], 10000)}:{min(limits[0], 10000)}", "nproc={min(limits[1], 5000)}:{min(limits[1], 5000)}"]
""")
        (folder / "storage.conf").write_text(f"""
[storage]
driver = "overlay"
graphroot = "{folder}/graph"
runroot = "{folder}/run"
""")
        self.environment = os.environ | {"CONTAINERS_CONF": str(folder / "containers.conf"),
                                         "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf")}

    def __call__(self, *command, timeout=60):
        return run("podman", *command, timeout=timeout, env=self.environment)

    def remove(self):
        subprocess.run(["podman", "rm", "--all", "--force", "--time", "0", "--volumes"], env=self.environment, timeout=120,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(20):  # processes that Podman has left behind may mount the storage once more
            for line in reversed(Path("/proc/mounts").read_text().splitlines()):
                mount = line.split()[1]
                if mount.startswith(str(self.folder)):
                    subprocess.run(["umount", "--lazy", mount], timeout=20)
            shutil.rmtree(self.folder, ignore_errors=True)
            if not self.folder.exists():
                return
            time.sleep(1)


def base_image(engine, codename, mirror):
    root = engine.folder / "base"
    # Its mounts are nobody else's, and end with it.
    run("unshare", "--mount", "--propagation=private", "debootstrap", "--variant=minbase", "--include=ca-certificates",
        codename, root, mirror, timeout=900)
    # As in Debian's own image: no package starts its daemon, and none leaves its archive.
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    with contextlib.suppress(OSError):
        for archive in (root / "var/cache/apt/archives").glob("*.deb"):
            archive.unlink()
    name = f"docker.io/library/debian:{codename}-slim"
    archive = engine.folder / "base.tar"
    run("tar", "-C", root, "-cf", archive, ".", timeout=120)
    shutil.rmtree(root)
    engine("import", archive, name, timeout=120)
    archive.unlink()
    return name


def build_images(engine, codename):
    # The build stage is replaced by what it leaves: the programs, and the names of the packages that they need.
    context = engine.folder / "context"
    context.mkdir()
    for program in (SERVER, CLI):
        run("strip", "-o", context / program.name, program)
    text = (PACKAGING / "containers/Dockerfile").read_text()
    stage = re.search(r"^FROM [^\n]* AS build\n.*?(?=^FROM )", text, re.MULTILINE | re.DOTALL)[0]
    libraries = re.search(r"^RUN (objdump .*?) >/libraries$", stage, re.MULTILINE | re.DOTALL)[1]
    libraries = libraries.replace("/parlor-", f"{context}/parlor-")
    (context / "libraries").write_text(run("bash", "-o", "pipefail", "-c", libraries))
    dockerfile = engine.folder / "Dockerfile"
    dockerfile.write_text(text.replace(stage, "FROM scratch AS build\nCOPY . /\n\n"))

    def build(file, folder, target, name):
        engine("build", "--format=docker", "--network=host", f"--build-arg=DEBIAN={codename}", f"--file={file}",
               f"--target={target}", f"--tag={name}", folder, timeout=400)

    def programs():
        build(dockerfile, context, "server", "parlor-server")
        build(dockerfile, context, "cli", "parlor-cli")

    def others():
        folder = PACKAGING / "containers"
        for target in ("redis", "haproxy", "prometheus"):
            build(folder / "Dockerfile.debian", folder, target, f"parlor-debian-{target}")

    with concurrent.futures.ThreadPoolExecutor() as pool:
        for work in [pool.submit(programs), pool.submit(others)]:
            work.result()


class Stack:
    """The Compose stack, and what can be seen of it from outside."""

    def __init__(self, engine):
        self.engine = engine
        # A copy, of a user who is neither root nor a container's: the secrets are his.
        for part in ("containers", "haproxy", "monitoring"):
            shutil.copytree(PACKAGING / part, engine.folder / "packaging" / part,
                            ignore=shutil.ignore_patterns("secrets", ".env"))
        self.folder = engine.folder / "packaging/containers"
        os.chown(self.folder, OWNER, OWNER)
        engine.folder.chmod(0o711)
        run("setpriv", f"--reuid={OWNER}", f"--regid={OWNER}", "--clear-groups", self.folder / "make-secrets")
        names = ("PARLOR_PORT", "PARLOR_STICKY_PORT", "PROMETHEUS_PORT")
        self.ports = {name: free_port() for name in names}

    def compose(self, *command, servers=3, timeout=180):
        environment = self.engine.environment | {name: str(port) for name, port in self.ports.items()}
        return run("podman-compose", "-p", PROJECT, "-f", self.folder / "compose.debian.yaml", *command,
                   timeout=timeout, env=environment | {"PARLOR_SERVERS": str(servers)})

    def url(self, port="PARLOR_PORT"):
        return f"ws://127.0.0.1:{self.ports[port]}/ws"

    def servers(self):
        return sorted(self.engine("ps", "--format={{.Names}}", f"--filter=name={PROJECT}_server_").split())

    def probe(self, count, *options, port="PARLOR_PORT"):
        return json.loads(run(CLI, "probe", self.url(port), "--count", count, "--json", *options))

    def hosts(self, wanted):
        """Whether so many hosts serve, in turn, and are one chat."""
        with contextlib.suppress(AssertionError):
            report = self.probe(wanted * 4)
            self.last = report
            return len(report["hosts"]) == wanted
        return False

    def targets_up(self):
        address = f"http://127.0.0.1:{self.ports['PROMETHEUS_PORT']}/api/v1/targets?state=active"
        with urllib.request.urlopen(address, timeout=5) as answer:
            targets = json.load(answer)["data"]["activeTargets"]
        return sum(target["health"] == "up" for target in targets if target["labels"]["job"] == "parlor")

    def connections(self, server):
        address = self.engine("inspect", "--format={{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", server).strip()
        with urllib.request.urlopen(f"http://{address}:9100/metrics", timeout=5) as answer:
            return int(float(re.search(r"^parlor_connections (\S+)$", answer.read().decode(), re.MULTILINE)[1]))


def check(stack):
    engine = stack.engine
    stack.compose("up", "-d", "--no-build")
    until("three servers serve", lambda: stack.hosts(3))
    expect("three servers serve one chat, in turn", True)
    report = stack.probe(12, "--expect", "spread")
    expect("probe finds one chat", len(report["hosts"]) == 3, report)
    report = stack.probe(6, "--cookies", "--expect", "sticky", port="PARLOR_STICKY_PORT")
    expect("the sticky port is sticky", len(report["hosts"]) == 1, report)

    server = stack.servers()[0]
    expect("a server's user is not root", engine("exec", server, "id", "-u").strip() == "10001")
    refusal = engine("exec", server, "sh", "-c", "touch /usr/bin/x 2>&1 || true")
    expect("its root is read-only", "Read-only file system" in refusal, refusal)
    status = engine("exec", server, "cat", "/proc/1/status")
    expect("it has no capability", re.search(r"^CapBnd:\s+0+$", status, re.MULTILINE), status)
    expect("it cannot gain any", re.search(r"^NoNewPrivs:\s+1$", status, re.MULTILINE), status)
    expect("its system calls are filtered", re.search(r"^Seccomp:\s+2$", status, re.MULTILINE), status)
    log = engine("logs", server)
    expect("io_uring is forbidden, and it sends without", "a system call for each send: " in log, log)
    engine("healthcheck", "run", server)
    say("its health check is met")
    password = (stack.folder / "secrets/redis_password").read_text()
    seen = engine("inspect", *stack.servers(), f"{PROJECT}_redis_1") + run("ps", "-eo", "args")
    expect("the password stands in no command line and no variable", password not in seen)
    expect("nobody gets into Redis without it",
           "NOAUTH" in engine("exec", f"{PROJECT}_redis_1", "redis-cli", "keys", "*"))

    load = engine("run", "--rm", f"--network={PROJECT}_default", "parlor-cli", "load", "ws://haproxy:8000/ws",
                  "--stages", "3s:30,7s:30,2s:0", "--rate", "1/s", "--quiet", timeout=90)
    say("load passes: " + next((line.strip() for line in load.splitlines() if "deliver" in line), ""))

    until("Prometheus scrapes all servers", lambda: stack.targets_up() == 3)
    say("Prometheus scrapes all servers")

    stack.compose("up", "-d", "--no-build", servers=5)
    until("five servers serve", lambda: stack.hosts(5))
    expect("scaled to five, all five serve one chat", True)
    until("Prometheus finds the new ones", lambda: stack.targets_up() == 5)
    say("Prometheus finds the new ones")

    # Under load, the server of somebody who listens is killed.
    with subprocess.Popen([CLI, "chat", stack.url(), "--name", "Bob", "--room", "general", "--count", "1", "--timeout", "60s"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as bob:
        try:
            victim = until("Bob is there", lambda: next((one for one in stack.servers() if stack.connections(one)), None))
            with subprocess.Popen([CLI, "load", stack.url(), "--stages", "2s:20,10s:20,2s:0", "--rate", "1/s", "--quiet"],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as load:
                try:
                    until("load is under way", lambda: stack.connections(victim) >= 3)
                    engine("kill", victim)
                    report, _ = load.communicate(timeout=60)
                finally:
                    load.kill()
            # 97: what the killed server had taken from its users is unanswered. Nothing is lost or doubled.
            expect(f"{victim} was killed under load; of the others nothing is lost (load exits with {load.returncode})",
                   load.returncode in (0, 97), report)
            subprocess.run([CLI, "chat", stack.url(), "--name", "Ann", "--room", "general", "--timeout", "20s"],
                           input="still there?\n", text=True, check=True, timeout=40, capture_output=True)
            heard, complaints = bob.communicate(timeout=70)
            expect("Bob, whose server it was, hears what is said then", "still there?" in heard, heard + complaints)
        finally:
            bob.kill()

    rest = [one for one in stack.servers() if one != victim]
    began = time.monotonic()
    engine("stop", "--time", "20", rest[0], timeout=40)
    code = engine("inspect", "--format={{.State.ExitCode}}", rest[0]).strip()
    expect(f"a server that is stopped drains, and exits with 0 ({time.monotonic() - began:.0f} s)", code == "0", code)

    stack.compose("down", "-v", servers=5)
    expect("down leaves no container", not engine("ps", "--all", "--quiet").strip())
    expect("down -v leaves no volume", not engine("volume", "ls", "--quiet").strip())


def main():
    if os.geteuid() != 0:
        skip("it needs root, for debootstrap and for Podman's networks")
    missing = [program for program in ("podman", "podman-compose", "runc", "debootstrap", "objdump")
               if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin")]
    if missing:
        skip(f"{', '.join(missing)} not installed")
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    codename, mirror = suite()
    folder = Path(tempfile.mkdtemp(prefix="parlor-containers-", dir="/var/tmp"))
    engine = Engine(folder)
    stack = None
    try:
        base = base_image(engine, codename, mirror)
        try:
            engine("run", "--rm", "--network=none", base, "true")
        except AssertionError as error:
            skip("Podman runs no container here: " + str(error).strip().splitlines()[-1])
        say("base image")
        build_images(engine, codename)
        say("images")
        stack = Stack(engine)
        check(stack)
    except AssertionError as error:
        print(f"FAILED: {error}", flush=True)
        if stack:
            for name in engine("ps", "--all", "--format={{.Names}} {{.Status}}").splitlines():
                print(f"-- {name}\n{engine('logs', '--tail=25', name.split()[0])}")
        sys.exit(1)
    finally:
        for one in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
            signal.signal(one, signal.SIG_IGN)
        engine.remove()
        say("all is cleaned up" if not folder.exists() else f"{folder} could not be removed")


def interrupted(number, _):
    for process in list(running):
        end(process)
    sys.exit(f"ended by {signal.Signals(number).name}")


started = time.monotonic()
if __name__ == "__main__":
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(one, interrupted)
    signal.alarm(1440)  # before ctest ends it, which cleans nothing up
    main()
