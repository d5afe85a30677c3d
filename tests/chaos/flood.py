# SPDX-License-Identifier: MIT
"""Clients that several attacks need: speakers, and members who never read."""
import asyncio
import time

from wire import Client, tcp, text, ulid_like, upgrade


async def flood(t, address, seconds, room="good", speakers=5):
    """Speakers who say 12 kB ten times a second each, which is what they may."""
    content = "\u4f60" * 4000

    async def speak():
        client = await Client.open(address)
        client.send({"type": "join", "room": room, "history": 0})
        await client.next_of("sync")
        reads = asyncio.ensure_future(forever(client.read))
        try:
            until = time.monotonic() + seconds
            while time.monotonic() < until and not reads.done():
                client.send({"type": "message", "room": room, "content": content, "cid": ulid_like()})
                await asyncio.sleep(0.11)
        finally:
            reads.cancel()
            client.close()
    await asyncio.gather(*(speak() for _ in range(speakers)))


async def forever(function):
    while True:
        await function()


async def sleepers(t, address, count, room, more=b""):
    """Connections with a small receive buffer that join a room, and never read again."""
    loop, ones = asyncio.get_running_loop(), []
    for i in range(count):
        one = tcp(f"127.0.201.{1 + i % 250}", receive_buffer=4096)
        ones.append(one)
        t.stack.callback(one.close)
        await loop.sock_connect(one, address)
        await loop.sock_sendall(one, upgrade())
        await loop.sock_recv(one, 1024)
        await loop.sock_sendall(one, text({"type": "join", "room": room, "history": 0}) + more)
    return ones
