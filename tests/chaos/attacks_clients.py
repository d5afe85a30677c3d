# SPDX-License-Identifier: MIT
"""Attacks by clients: they do not read, do not finish what they begin, or send what is malformed."""
import asyncio
import time
from pathlib import Path

from attack import attack
from flood import flood, sleepers
from trial import closed
from wire import BINARY, CLOSE, PING, TEXT, frame, tcp, upgrade

CORPUS = Path(__file__).resolve().parent.parent / "fuzz" / "corpus"


@attack("slow-readers")
async def slow_readers(t):
    """500 members of the good client's room never read: cut with 4102; memory is bounded, descriptors come back."""
    server = t.server()
    await t.good([server.address], "--no-history")
    await t.before()
    t.during()
    asleep = await sleepers(t, server.address, 500, "good")
    flooding = asyncio.ensure_future(flood(t, server.address, t.seconds(20, 60)))
    most = 0
    while server.metrics()["parlor_slow_consumers_total"] < 500 and not flooding.done():
        most = max(most, server.memory())
        await asyncio.sleep(0.3)
    cut = server.metrics()["parlor_slow_consumers_total"]
    t.expect(cut >= 500, f"only {cut:.0f} of 500 were cut")
    t.note(f"{cut:.0f} cut; {(most - t.resources['memory']) / 2 ** 20:.0f} MiB more at most")
    await flooding
    await t.descriptors_return()  # though none of them has ended its connection
    t.memory_is_bounded(256)
    await t.judge()
    del asleep


@attack("pings-unread")
async def pings_unread(t):
    """200 clients send pings as fast as they may, and read no pong: memory is bounded, others are served."""
    server = t.server()
    await t.good([server.address])
    await t.before()
    t.during()
    asleep = await sleepers(t, server.address, 200, "pings")
    pings = frame(PING, b"p" * 125) * 35  # 230 KB a second
    until = time.monotonic() + t.seconds(20, 60)
    while time.monotonic() < until:
        for one in asleep:
            try:
                one.send(pings)
            except OSError:  # its buffers are full, or it is cut
                pass
        await asyncio.sleep(0.02)
    t.memory_is_bounded(128)
    t.note(f"closed by the server: {closed(server)}")
    for one in asleep:
        one.close()
    await t.descriptors_return()
    await t.judge()


@attack("close-unread")
async def close_unread(t):
    """500 clients break the protocol, and send on behind the server's Close without reading: gone within its 3 s."""
    server = t.server()
    await t.good([server.address])
    await t.before()
    t.during()
    asleep = await sleepers(t, server.address, 500, "closing", frame(TEXT, b"\xff\xfe"))
    until = time.monotonic() + t.seconds(6, 30)
    while time.monotonic() < until:
        for one in asleep:
            try:
                one.send(b"\0" * 4096)
            except OSError:
                pass
        await asyncio.sleep(0.1)
    await t.descriptors_return(within=5)
    t.memory_is_bounded(64)
    t.note(f"closed by the server: {closed(server)}")
    await t.judge()


async def begin_and_wait(t, count, begin, trickle, seconds, shakes_hands):
    """`count` connections that send `begin`, and then a byte of `trickle` each second."""
    loop, ones = asyncio.get_running_loop(), []
    for i in range(count):
        one = tcp(f"127.0.{202 + i // 250 % 40}.{1 + i % 250}")
        ones.append(one)
        t.stack.callback(one.close)
        await loop.sock_connect(one, t.watched.address)
        if shakes_hands:
            await loop.sock_sendall(one, upgrade())
            await loop.sock_recv(one, 4096)
        if begin:
            await loop.sock_sendall(one, begin)
    for second in range(seconds):
        await asyncio.sleep(1)
        for one in ones if second < len(trickle) else ():
            try:
                one.send(trickle[second:second + 1])
            except OSError:  # it is closed already
                pass


async def half_open(t, count, begin, trickle=b"", seconds=10, shakes_hands=False):
    server = t.server()
    await t.good([server.address])
    await t.before()
    t.during()
    await begin_and_wait(t, count, begin, trickle, seconds, shakes_hands)
    await t.descriptors_return(within=2)  # none of them has ended its connection
    t.memory_is_bounded(128)
    timed_out = closed(server).get("4201", 0) if shakes_hands else \
        server.metrics()['parlor_handshakes_total{result="timed_out"}']
    t.expect(timed_out >= count, f"{timed_out:.0f} of {count} were ended for their time")
    t.note(f"{timed_out:.0f} of {count} ended for their time")
    await t.judge()


@attack("connect-only")
async def connect_only(t):
    """Connections that send nothing are ended by the head's deadline."""
    await half_open(t, t.crowd_size, b"", seconds=t.seconds(7, 30))


@attack("slow-heads")
async def slow_heads(t):
    """Heads of a byte a second are ended by the same deadline."""
    await half_open(t, t.crowd_size // 2, b"GET /ws HTTP/1.1\r\nHost: x\r\n", b"X-Slow: and slow", t.seconds(7, 16))


@attack("huge-heads")
async def huge_heads(t):
    """Heads of 800 KB are refused with 431, without their memory."""
    server = t.server()
    await t.good([server.address])
    await t.before()
    t.during()
    loop, statuses = asyncio.get_running_loop(), {}
    head = b"GET /ws HTTP/1.1\r\nX-Huge: " + b"h" * 800_000

    async def one_after_another():
        until = time.monotonic() + t.seconds(8, 30)
        while time.monotonic() < until:
            one = tcp(f"127.0.250.{t.random.randint(1, 250)}")
            status = "ended"
            try:
                await loop.sock_connect(one, server.address)
                try:
                    await asyncio.wait_for(loop.sock_sendall(one, head), 5)
                except OSError:
                    pass
                status = (await asyncio.wait_for(loop.sock_recv(one, 1024), 5))[9:12].decode() or status
            except OSError as error:
                status = type(error).__name__
            statuses[status] = statuses.get(status, 0) + 1
            one.close()
    await asyncio.gather(*(one_after_another() for _ in range(50)))
    t.expect(statuses.get("431"), f"431 was never the answer: {statuses}")
    t.expect("101" not in statuses and "TimeoutError" not in statuses, f"answers: {statuses}")
    t.memory_is_bounded(64)
    t.note(f"answers {statuses}")
    await t.descriptors_return()
    await t.judge()


@attack("partial-frames")
async def partial_frames(t):
    """1000 clients send one byte of a frame, then another, and stall: closed by the message's deadline of 10 s."""
    await half_open(t, 1000, b"\x81", b"\xfe", t.seconds(15, 30), shakes_hands=True)


def nonsense(randomness):
    """For ever, a dialect (None: there is no handshake) and what a connection sends."""
    corpus = [each.read_bytes() for name in ("requests", "session", "frames", "websocketreader", "requesthead")
              for each in sorted((CORPUS / name).iterdir())]
    while True:
        piece = randomness.choice(corpus)
        noise = randomness.randbytes(randomness.randint(1, 400))
        yield randomness.choice((
            (None, piece), (None, noise), ("v2", piece), ("v1", noise),
            ("v2", frame(TEXT, piece)), ("v1", frame(TEXT, piece)), ("v2", frame(BINARY, noise)),
            ("v2", bytes([0x81, 5]) + b"hello"),                           # unmasked
            ("v2", frame(TEXT, b"\xc0\xaf\xed\xa0\x80")),                  # no UTF-8
            ("v2", frame(TEXT, b"{}", first=0xC0)),                        # a reserved bit
            ("v2", frame(randomness.randint(3, 15), noise[:125])),         # opcodes
            ("v2", frame(PING, b"x" * 126) + frame(CLOSE, b"\x03")),
            ("v2", bytes([0x81, 0xFF]) + b"\x7f" * 8),                     # 2^63 bytes
            ("v2", frame(TEXT, b"[" * 60000)), ("v2", frame(TEXT, b'{"type":' * 50))))


@attack("malformed")
async def malformed(t):
    """Malformed heads, frames and messages as fast as they can be sent, beside 1000 clients: nobody of those is cut."""
    server = t.server()
    await t.good([server.address])
    crowd = await t.crowd(1000, [server.address])
    await t.before()
    t.during()
    source, loop, count = nonsense(t.random), asyncio.get_running_loop(), [0]

    async def one_after_another(number):
        until = time.monotonic() + t.seconds(10, 60)
        while time.monotonic() < until:
            one = tcp(f"127.0.252.{number + 1}")
            try:
                await loop.sock_connect(one, server.address)
                dialect, bytes_ = next(source)
                if dialect:
                    await loop.sock_sendall(one, upgrade(dialect))
                    await asyncio.wait_for(loop.sock_recv(one, 65536), 5)
                await loop.sock_sendall(one, bytes_)
                if t.random.random() < 0.5:  # half of them wait for what comes
                    await asyncio.wait_for(loop.sock_recv(one, 65536), 0.5)
            except OSError:
                pass
            count[0] += 1
            one.close()
    await asyncio.gather(*(one_after_another(i) for i in range(40)))
    t.expect(crowd.joined() == 1000, f"{1000 - crowd.joined()} good clients were cut")
    t.expect(server.is_alive(), f"the server ended: {server.child.poll()}")
    closes = closed(server)
    t.expect(closes.get("1002", 0) + closes.get("1007", 0) > 100, f"closes {closes}")
    t.note(f"{count[0]} connections; closes {closes}")
    await t.descriptors_return()
    t.memory_is_bounded(128)
    await t.judge()
