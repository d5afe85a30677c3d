# SPDX-License-Identifier: MIT
"""A TCP port for a server that a test starts."""
import random
import socket


def free_port():
    """One that nobody listens on now, below those that the kernel gives to connections on their way out: one of these
    could take it before the server does."""
    for port in random.sample(range(10_000, 32_000), 1_000):
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no port from 10000 to 32000 is free")
