# SPDX-License-Identifier: MIT
"""WebSocket and wire protocol for the chaos suite, of its own: nothing of it is shared with what is tested."""
import asyncio
import json
import os
import socket
import struct

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Refused(Exception):
    """A connection that did not come to be, or an answer that is an error."""


def upgrade(dialect="v2"):
    protocol = "Sec-WebSocket-Protocol: parlor.v2\r\n" if dialect == "v2" else ""
    return (f"GET /ws HTTP/1.1\r\nHost: chaos\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{protocol}"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode()


def frame(opcode, payload=b"", first=0x80):
    """A masked frame. The mask is zero, which spares a walk over the bytes."""
    size = len(payload)
    if size < 126:
        length = struct.pack(">B", 0x80 | size)
    elif size < 65536:
        length = struct.pack(">BH", 0x80 | 126, size)
    else:
        length = struct.pack(">BQ", 0x80 | 127, size)
    return bytes([first | opcode]) + length + b"\0\0\0\0" + payload


def text(message):
    return frame(TEXT, json.dumps(message, ensure_ascii=False).encode())


def take_frames(buffer):
    """Takes the whole frames of a server off `buffer`, and yields (opcode, payload)."""
    at = 0
    while len(buffer) - at >= 2:
        size, begin = buffer[at + 1] & 0x7F, at + 2
        if size == 126:
            if len(buffer) < begin + 2:
                break
            size, begin = struct.unpack_from(">H", buffer, begin)[0], begin + 2
        elif size == 127:
            if len(buffer) < begin + 8:
                break
            size, begin = struct.unpack_from(">Q", buffer, begin)[0], begin + 8
        if len(buffer) < begin + size:
            break
        yield buffer[at] & 0x0F, bytes(buffer[begin:begin + size])
        at = begin + size
    del buffer[:at]


def tcp(source=None, receive_buffer=None):
    """A socket that does not block. `source`: address to come from, so that crowds do not run out of ports."""
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    one.setblocking(False)
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if receive_buffer:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    if source:
        one.bind((source, 0))
    return one


def reset(transport):
    """Ends a connection by RST."""
    one = transport.get_extra_info("socket")
    if one is not None:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class Client:
    """One connection of the good client: asks, and reads frames."""

    def __init__(self, reader, writer):
        self.reader, self.writer, self.buffer, self.frames = reader, writer, bytearray(), []

    @classmethod
    async def open(cls, address, dialect="v2"):
        one = tcp()
        try:
            await asyncio.get_running_loop().sock_connect(one, address)
            client = cls(*await asyncio.open_connection(sock=one, limit=1 << 22))
        except BaseException:
            one.close()
            raise
        try:
            client.writer.write(upgrade(dialect))
            head = await client.reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 101"):
                raise Refused(head.split(b"\r\n")[0].decode())
        except BaseException:
            client.abort()
            raise
        return client

    def send(self, message):
        self.writer.write(text(message))

    async def read(self):
        """The next message as an object. Pings are answered."""
        while True:
            while self.frames:
                opcode, payload = self.frames.pop(0)
                if opcode == PING:
                    self.writer.write(frame(PONG, payload))
                elif opcode == CLOSE:
                    raise Refused(f"Close {struct.unpack('>H', payload[:2])[0] if payload else 1005}")
                elif opcode == TEXT:
                    return json.loads(payload)
            data = await self.reader.read(1 << 16)
            if not data:
                raise Refused("the connection ended")
            self.buffer += data
            self.frames += take_frames(self.buffer)

    async def next_of(self, kind):
        while True:
            message = await self.read()
            if message["type"] == "error":
                raise Refused(message["code"])
            if message["type"] == kind:
                return message

    def close(self):
        self.writer.write(frame(CLOSE, struct.pack(">H", 1000)))
        self.writer.close()

    def abort(self):
        self.writer.transport.abort()


class Extra(asyncio.Protocol):
    """One of a crowd: joins a room, answers pings, and remembers how its connection ended."""

    def __init__(self, room, dialect, ended):
        self.room, self.dialect, self.ended = room, dialect, ended
        self.buffer, self.transport, self.joined, self.code, self.status = bytearray(), None, False, None, None

    def connection_made(self, transport):
        self.transport = transport
        transport.write(upgrade(self.dialect))

    def data_received(self, data):
        self.buffer += data
        if self.status is None:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self.status = int(self.buffer[9:12])
            del self.buffer[:end + 4]
            if self.status != 101:
                self.transport.abort()
                return
            self.transport.write(text({"type": "join", "room": self.room, "history": 0}))
        for opcode, payload in take_frames(self.buffer):
            if opcode == PING:
                self.transport.write(frame(PONG, payload))
            elif opcode == CLOSE:
                self.code = struct.unpack(">H", payload[:2])[0] if payload else 1005
                self.transport.write(frame(CLOSE, payload[:2]))
                self.transport.close()
            elif opcode == TEXT and not self.joined:
                self.joined = b'"type":"sync"' in payload or b'"type":"room_users"' in payload

    def connection_lost(self, _error):
        self.joined = False
        self.ended(self)


class Crowd:
    """Many clients that are there, and say nothing."""

    def __init__(self, randomness, comes_back_within=None):
        self.randomness, self.comes_back_within = randomness, comes_back_within
        self.members, self.ends, self.failures, self.tasks, self.addresses = {}, [], 0, set(), []
        self.is_ending = False

    def joined(self):
        return sum(each is not None and each.joined for each in self.members.values())

    async def open(self, count, addresses, dialect="v2", room=lambda i: f"crowd-{i // 10}", make=tcp):
        self.addresses, self.make, self.room, self.dialect = addresses, make, room, dialect
        begin = len(self.members)
        for first in range(begin, begin + count, 100):
            await asyncio.gather(*(self.enter(i) for i in range(first, min(first + 100, begin + count))))
        await wait_for(lambda: self.joined() >= begin + count, 30)

    async def enter(self, i):
        source = None if self.make is not tcp else f"127.0.{1 + i // 250 % 200}.{1 + i % 250}"
        one = self.make(source) if self.make is tcp else self.make()
        member = Extra(self.room(i), self.dialect, lambda ended: self.left(i, ended))
        self.members[i] = member
        try:
            loop = asyncio.get_running_loop()
            await asyncio.wait_for(loop.sock_connect(one, self.addresses[i % len(self.addresses)]), 10)
            await loop.create_connection(lambda: member, sock=one)
        except (OSError, asyncio.TimeoutError):
            one.close()
            self.failures += 1
            self.left(i, member)

    def left(self, i, member):
        self.ends.append(member.code or member.status if member.status not in (None, 101) else member.code)
        if self.members.get(i) is member:
            self.members[i] = None
        if self.comes_back_within is not None and not self.is_ending:
            task = asyncio.ensure_future(self.come_back(i))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def back(self, before, seconds):
        """How long it takes until as many as `before` are there again, once some have gone; None: longer than `seconds`."""
        begin = asyncio.get_running_loop().time()
        await wait_for(lambda: self.joined() < before, 5)
        return await wait_for(lambda: self.joined() >= before, seconds) and asyncio.get_running_loop().time() - begin

    async def come_back(self, i):
        await asyncio.sleep(self.randomness.uniform(0, self.comes_back_within))
        await self.enter(i)

    def reset(self, members=None):
        for each in list(self.members.values()) if members is None else members:
            if each is not None and each.transport is not None:
                reset(each.transport)

    async def end(self):
        self.is_ending = True
        for task in list(self.tasks):
            task.cancel()
        self.reset()
        await asyncio.sleep(0)


async def wait_for(condition, seconds):
    """Whether `condition` came true within `seconds`, and how long it took."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    while not condition():
        if loop.time() - begin > seconds:
            return None
        await asyncio.sleep(0.05)
    return loop.time() - begin


def ulid_like():
    return os.urandom(13).hex()
