# SPDX-License-Identifier: MIT
"""Runs the commands of the documents as they stand there.

usage: documents.py [--slow] DOCUMENT BIN    runs the commands of a document with the programs of the folder BIN
       documents.py --text                   each block of commands can be run or says why not; links lead somewhere
       documents.py --self                   this program sees what is wrong
Exits with 0; 1 and a text if a command fails; 77 where the system gives no namespaces.

A block of commands is an indented one, or a fenced one with the language sh. All of them are run, but for those of the words
in ELSEWHERE. A comment before a block says what it needs, or that it is not run:

    <!-- run: redis, server -->          what Surroundings has
    <!-- run: slow, 99 -->               with --slow only; it may exit with 99 as well as with 0
    <!-- not run: why -->

Commands run one after the other in namespaces of their own: all ports are free, names lead to loopback, /srv and /var/backups
are empty. They begin in /srv/parlor, which looks like the repository and is the state folder, too. What serves (SERVES) stays
until the block ends or the next server starts; PID is its process.
"""

import fcntl
import glob
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.request

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
FOLDER = "/srv/parlor"
PATIENCE = 60
SLOW_PATIENCE = 300
WORDS = ("certificate", "redis", "server", "store", "slow")

# What other tests run, by the first words of a command.
ELSEWHERE = {
    "./test": "this is one of its tests",
    "apt-get install": "it installs nothing",
    "cmake": "it built what is run here",
    "ctest": "it runs this",
    "docs/chapters/experiments/": "tests/integration/chapters runs it",
    "tests/bench/": "it takes minutes on an idle machine, and the tests bench_… run it with --quick",
}
# What goes on until it is stopped, and what shows that it works: a text of its output, or a number of connections.
ONE_SHOT = r"(?!.*--(?:help|version|print-config|check-config|backup)\b)"
SERVES = {
    rf"(?:\./run|parlor-)\s*server\b{ONE_SHOT}": "listening on",
    rf"parlor-cli\s+sink\b{ONE_SHOT}": "listening on",
    r"\./run\s*(?:#.*)?$": "The server stays at",
    r"\./run cluster(?!.*--check)": "One chat at",
    r"(?:\./run gui|parlor)\s": 1,
}


class Failure(Exception):
    """What is not as it should be."""


class Block:
    """Commands of a document."""

    def __init__(self, document, line, text, comment):
        self.place = f"{document}:{line}"
        self.commands = commands(text)
        self.why_not = None
        self.needs = []
        self.codes = [0]
        kind, _, rest = comment.partition(":")
        if kind == "not run":
            self.why_not = rest.strip()
            if not self.why_not:
                raise Failure(f"{self.place}: \"not run\" without a reason")
        elif kind == "run":
            for word in re.split(r",\s*", rest.strip()):
                if word.isdigit():
                    self.codes.append(int(word))
                elif word in WORDS:
                    self.needs.append(word)
                else:
                    raise Failure(f"{self.place}: \"{word}\" is none of {', '.join(WORDS)}, and no exit code")


def commands(text):
    """Splits a block at the ends of commands, which may have several lines."""
    found, command = [], ""
    for line in text.splitlines():
        command += line + "\n"
        checked = subprocess.run(["bash", "-n", "-c", command], stderr=subprocess.PIPE, check=False)
        if not line.endswith("\\") and checked.returncode == 0 and not checked.stderr:
            if not re.fullmatch(r"\s*(#.*)?", command.strip()):
                found.append(command.strip())
            command = ""
    if command.strip():
        raise Failure(f"bash does not understand\n{command}")
    return found


def blocks(document, text):
    """The blocks of commands of a document's text."""
    found, lines, comment, at = [], text.splitlines(), "", 0
    while at < len(lines):
        line, start = lines[at], at
        if fence := re.match(r"(`{3,}|~{3,})(.*)", line):
            end = next((n for n in range(at + 1, len(lines)) if lines[n].startswith(fence[1])), None)
            if end is None:
                raise Failure(f"{document}:{at + 1}: this fence has no end")
            language = fence[2].strip()
            if not language:
                raise Failure(f"{document}:{at + 1}: this fence names no language: sh for commands, else text or what it is")
            if language in ("bash", "console", "shell"):
                raise Failure(f"{document}:{at + 1}: commands have the language sh, and no prompt")
            if language == "sh":
                found.append(Block(document, start + 2, "\n".join(lines[start + 1 : end]), comment))
            at = end + 1
        elif re.match(r" {4}|\t", line) and (at == 0 or not lines[at - 1].strip() or comment):
            while at < len(lines) and re.match(r" {4}|\t|\s*$", lines[at]):
                at += 1
            found.append(Block(document, start + 1, "\n".join(each[4:] for each in lines[start:at]), comment))
        else:
            at += 1
            if line.strip():
                if comment:
                    raise Failure(f"{document}:{start}: no commands follow")
                marked = re.fullmatch(r"<!-- ((?:not )?run\b.*) -->", line)
                comment = marked[1] if marked else ""
            continue
        comment = ""
    return found


def documents():
    names = ["README.md", "CONTRIBUTING.md"]
    names += glob.glob("docs/**/*.md", root_dir=ROOT, recursive=True)
    names += glob.glob("packaging/**/*.md", root_dir=ROOT, recursive=True)
    return sorted(names)


def read(document):
    with open(os.path.join(ROOT, document), encoding="utf-8") as file:
        return file.read()


def elsewhere(command):
    return next((why for words, why in ELSEWHERE.items() if command.startswith(words)), None)


def serves(command):
    return next((sign for pattern, sign in SERVES.items() if re.match(pattern, command)), None)


class Running:
    """A process and all that it starts."""

    def __init__(self, command, log):
        self.log = log
        with open(log, "wb") as output:
            self.process = subprocess.Popen(["bash", "-o", "pipefail", "-c", command], cwd=FOLDER, stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=subprocess.STDOUT, start_new_session=True)

    def output(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def shows(self, sign):
        if isinstance(sign, str):
            return sign in self.output()
        try:
            with urllib.request.urlopen("http://127.0.0.1:8000/health", timeout=5) as answer:
                return f'"connections":{sign}'.encode() in answer.read()
        except OSError:
            return False

    def wait(self, patience):
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            return None

    def stop(self):
        """Its exit code. A server that waits for its balancer is told again, which ends the wait."""
        for _ in range(40):
            if self.process.poll() is not None:
                break
            os.killpg(self.process.pid, signal.SIGTERM)
            self.wait(0.5)
        code = self.process.poll()
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        return code


class Surroundings:
    """What a block finds in FOLDER and beside itself."""

    def __init__(self, block):
        self.running = []
        self.server = None
        shutil.rmtree(FOLDER, ignore_errors=True)
        os.makedirs(FOLDER, 0o700)
        for name in os.listdir(ROOT):
            if name not in ("build", ".git"):
                os.symlink(os.path.join(ROOT, name), os.path.join(FOLDER, name))
        os.makedirs(os.path.join(FOLDER, "build"))
        for preset in ("dev", "release"):
            os.symlink(os.path.dirname(os.environ["BIN"]), os.path.join(FOLDER, "build", preset))
        for word in WORDS:
            if word in block.needs and word != "slow":
                getattr(self, "make_" + word)()

    def done(self, command):
        step = Running(command, "/srv/surroundings.log")
        if step.wait(PATIENCE) != 0:
            raise Failure(f"{command}\n{step.output()}")

    def start(self, command, sign):
        """Leaves it running once its sign is there."""
        if sign != 1:
            self.stop_server()
        started = Running(command, f"/srv/{len(self.running)}.log")
        self.running.append(started)
        if sign != 1:
            self.server = started
        until = time.monotonic() + PATIENCE
        while not started.shows(sign):
            if started.process.poll() is not None or time.monotonic() > until:
                raise Failure(f"it never shows {sign!r}, but:\n{started.output()}")
            time.sleep(0.05)

    def stop(self, started):
        code = started.stop()
        self.running.remove(started)
        if code not in (0, -signal.SIGTERM, 128 + signal.SIGTERM):
            raise Failure(f"told to stop it exits with {code}:\n{started.output()}")

    def stop_server(self):
        if self.server:
            server, self.server = self.server, None
            self.stop(server)

    def end(self):
        while self.running:
            self.stop(self.running[-1])

    def pid(self):
        """Of the server itself, below the shell that started it."""
        if not self.server:
            raise Failure("there is no server: <!-- run: server -->")
        group = subprocess.run(["pgrep", "-x", "-g", str(self.server.process.pid), "parlor-server"], stdout=subprocess.PIPE,
                               encoding="ascii", check=False).stdout.split()
        return group[0] if group else str(self.server.process.pid)

    def say_something(self):
        self.done("echo word | parlor-cli chat ws://127.0.0.1:8000/ws --name Ann --room general")

    def make_certificate(self):
        self.done("openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 1 -keyout key.pem -out chain.pem")

    def make_redis(self):
        redis = Running("exec redis-server --save '' --dir /srv", "/srv/redis.log")
        self.running.append(redis)
        self.done("for try in $(seq 100); do redis-cli ping && exit; sleep 0.1; done; exit 1")
        self.start("parlor-server --redis redis://127.0.0.1", "listening on")
        self.say_something()
        self.stop_server()

    def make_server(self):
        self.start("parlor-server" + (" --redis redis://127.0.0.1" if self.running else ""), "listening on")

    def make_store(self):
        self.stop_server()
        self.start("parlor-server", "listening on")
        self.say_something()
        self.stop_server()


def run_command(around, command, codes, patience):
    if elsewhere(command):
        print(f"   not here: {elsewhere(command)}")
        return
    if re.search(r"\bPID\b", command):
        command = re.sub(r"\bPID\b", around.pid(), command)
    command = re.sub(r"\bID\b", "1-0", command) # of an entry of a stream
    sign = serves(command)
    if sign:
        around.start(command, sign)
        return
    step = Running(command, "/srv/command.log")
    code = step.wait(patience)
    output = step.output()
    print("".join(f"   {line}\n" for line in output.splitlines()[:5]), end="")
    step.stop()
    if code is None:
        raise Failure(f"it takes longer than {patience} s:\n{output}")
    if code not in codes:
        raise Failure(f"it exits with {code}:\n{output}")


def run(document, slow):
    """Runs what is slow, or what is not."""
    problems = []
    for block in blocks(document, read(document)):
        if block.why_not:
            if not slow:
                print(f"{block.place} is not run: {block.why_not}")
            continue
        if ("slow" in block.needs) != slow:
            continue
        command, around = "", None
        try:
            around = Surroundings(block)
            for command in block.commands:
                print(f"{block.place} $ {command}", flush=True)
                run_command(around, command, block.codes, SLOW_PATIENCE if slow else PATIENCE)
            command = "(stopping)"
            around.end()
        except Failure as problem:
            problems.append(f"{block.place} $ {command}\n{problem}")
        finally:
            for started in around.running if around else []:
                started.stop()
    if problems:
        raise Failure("\n\n".join(problems))


def enter_namespaces():
    """Starts this program again where it has all ports and some folders for itself."""
    if ROOT.startswith(("/srv/", "/var/backups/")):
        print(f"{ROOT} would be hidden by what is put in its place")
        sys.exit(77)
    # With their own numbers of processes: what a command leaves behind ends with this program.
    unshare = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.geteuid() != 0:
        unshare += ["--user", "--map-root-user"]
    if subprocess.run(unshare + ["true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("This system gives no namespaces (" + " ".join(unshare) + "): the commands would use the machine's ports and folders")
        sys.exit(77)
    os.execvp("unshare", unshare + [sys.executable, *sys.argv, "--inside"])


def furnish():
    """In new namespaces: loopback, the folders, names, and the variables of somebody who has just logged in."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        up = struct.pack("16sh", b"lo", 0x1)  # IFF_UP
        fcntl.ioctl(any_socket, 0x8914, up)  # SIOCSIFFLAGS
    for folder in ("/srv", "/var/backups"):
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True)
    with open("/srv/hosts", "w", encoding="ascii") as hosts:
        hosts.write("127.0.0.1 localhost cache cache.internal\n")
    subprocess.run(["mount", "--bind", "/srv/hosts", "/etc/hosts"], check=True)
    os.makedirs("/srv/bin")
    with open("/srv/bin/redis-cli", "w", encoding="ascii") as wrapper:
        wrapper.write('#!/bin/sh\nexec /usr/bin/redis-cli -e "$@"\n')  # an error is an exit code
    os.chmod("/srv/bin/redis-cli", 0o755)
    os.makedirs("/srv/home/.local/state")
    os.symlink(FOLDER, "/srv/home/.local/state/parlor")
    for name in list(os.environ):
        if name.startswith(("PARLOR_", "XDG_")) or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ.update(PATH=f"/srv/bin:{os.environ['BIN']}:{os.environ['PATH']}:/usr/sbin", HOME="/srv/home", USER="ann",
                      QT_QPA_PLATFORM="offscreen", PYTHONDONTWRITEBYTECODE="1")


def check_text():
    for document in documents():
        text = read(document)
        blocks(document, text)
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", re.sub(r"^(`{3,}).*?^\1", "", text, flags=re.S | re.M)):
            if not os.path.exists(os.path.join(ROOT, os.path.dirname(document), target)):
                raise Failure(f"{document} has a link to {target}, which is not there")


def check_self():
    good = "Text\n\n    a  # b\n    c 'd\n    e' \\\n      f\n\n    g\n\n<!-- run: redis, 99 -->\n\n    h\n\n```sh\ni\n```\n\n```json\nj\n```\n"
    found = blocks("X.md", good)
    if [each.commands for each in found] != [["a  # b", "c 'd\ne' \\\n  f", "g"], ["h"], ["i"]]:
        raise Failure(f"read as {[each.commands for each in found]}")
    if [each.place for each in found] != ["X.md:3", "X.md:12", "X.md:15"] or found[1].needs != ["redis"] or found[1].codes != [0, 99]:
        raise Failure("places or needs are wrong")
    if blocks("X.md", "<!-- not run: no -->\n\n    a\n")[0].why_not != "no":
        raise Failure("a reason is not read")
    for bad in ("<!-- not run: -->\n\n    a\n", "<!-- run: all -->\n\n    a\n", "<!-- run: redis -->\n\ntext\n\n    a\n",
                "```\na\n```\n", "```bash\na\n```\n", "```sh\na\n", "    a '\n"):
        try:
            blocks("X.md", bad)
        except Failure:
            continue
        raise Failure(f"this passes:\n{bad}")
    for command, sign in (("parlor-server --listen 0.0.0.0:1", "listening on"), ("parlor-server --help", None), ("./run", "The server stays at"),
                          ("./run server  # x", "listening on"), ("parlor-server --store memory --backup F", None),
                          ("./run cluster --check", None), ("parlor-cli sink --drop 1%", "listening on"), ("parlor-cli chat", None), ("./run cli chat", None)):
        if serves(command) != sign:
            raise Failure(f"{command} is taken for {serves(command)}")


def main():
    arguments = [each for each in sys.argv[1:] if each not in ("--inside", "--slow")]
    try:
        if arguments == ["--text"]:
            check_text()
        elif arguments == ["--self"]:
            check_self()
        elif len(arguments) == 2 and not arguments[0].startswith("-"):
            os.environ["BIN"] = os.path.realpath(arguments[1])
            if "--inside" not in sys.argv:
                enter_namespaces()
            furnish()
            run(arguments[0], "--slow" in sys.argv)
        else:
            print(__doc__)
            return 2
    except Failure as problem:
        print(f"FAILED {problem}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
