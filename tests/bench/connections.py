#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""connections.py SERVER [COUNT] [v1|v2]: starts SERVER, opens COUNT idle WebSockets to it, and prints what a handshake costs
its CPU and what a connection costs its memory. Both are differences of the server process' own figures."""
import os
import socket
import subprocess
import sys
import time

server, count, dialect = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10000, sys.argv[3] if len(sys.argv) > 3 else "v1"
tick = os.sysconf("SC_CLK_TCK")
request = (b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
           + (b"Sec-WebSocket-Protocol: parlor.v2\r\n" if dialect == "v2" else b"") + b"\r\n")


def cpu(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / tick


def rss(pid):
    return int(open(f"/proc/{pid}/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


process = subprocess.Popen([server, "--listen", "127.0.0.1:0", "--ping", "0"], stderr=subprocess.PIPE, text=True)
try:
    while "listening on" not in (line := process.stderr.readline()):
        if not line:
            sys.exit("the server did not start")
    port = int(line.rsplit(":", 1)[1].split("/")[0])

    def opened():
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(request)
        got = b""
        while b'"connection"' not in got:
            got += client.recv(4096)
        return client

    warm = [opened() for _ in range(100)]
    time.sleep(0.3)
    before_cpu, before_rss = cpu(process.pid), rss(process.pid)
    clients = [opened() for _ in range(count)]
    time.sleep(0.3)
    print(f"{count} {dialect} connections: {(cpu(process.pid) - before_cpu) / count * 1e6:.0f} us of CPU a handshake, "
          f"{(rss(process.pid) - before_rss) / count:.0f} bytes of memory a connection")
finally:
    process.kill()
    process.wait()
