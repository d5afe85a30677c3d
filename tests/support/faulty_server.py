#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A chat server that fails on purpose, and says on stderr, at its end, how often: `faults {"dropped": 3, ...}`.

usage: faulty_server.py [--listen HOST:PORT] [--every N] [--from N] [--until N] [--kick N] [--refuse N]

Of the deliveries of its messages number --from to --until it drops, doubles, delays past the next one of the same
sender, and alters one in --every each. --kick: the senders of the messages N, 2N, 3N … lose their connection,
with Close 4103. --refuse: in v2 the messages N, 2N, 3N … are answered with an error that names no room. It speaks
v1, and of v2 what a load needs.
"""

import asyncio
import json
import sys

import tutorial_server


class FaultyServer(tutorial_server.Server):
    subprotocols = ["parlor.v2"]

    def __init__(self, options):
        super().__init__()
        self.options = options
        self.faults = {"dropped": 0, "doubled": 0, "reordered": 0, "corrupt": 0, "kicked": 0, "refused": 0}
        self.messages = 0
        self.deliveries = 0
        self.held = {}  # (receiver, sender) -> frame
        self.seq = {room: 0 for room in self.rooms}
        self.turn = asyncio.Lock()  # numbers are given and sent in one order

    async def deliver(self, receiver, sender, frame):
        held = self.held.pop((receiver, sender), None)
        fault = None
        if self.options.first <= self.messages < self.options.until and not held:
            self.deliveries += 1
            faults = ("dropped", "doubled", "reordered", "corrupt")
            step, rest = divmod(self.deliveries, self.options.every)
            fault = faults[step % len(faults)] if rest == 0 else None
        if fault:
            self.faults[fault] += 1
        if fault == "reordered":
            self.held[receiver, sender] = frame
            return
        if fault == "corrupt":
            frame = dict(frame, content=frame["content"][:-1] + "#")
        for _ in range({"dropped": 0, "doubled": 2}.get(fault, 1)):
            await self.send(receiver, frame)
        if held:
            await self.send(receiver, held)

    async def greet(self, ws):
        if not ws.subprotocol:
            await super().greet(ws)
            return
        limits = {"frame": 65536, "content": 4000, "rooms": 32, "rate": 0, "burst": 0}
        await self.send(ws, {"type": "connection", "status": "connected", "client_id": self.clients[ws],
                             "hostname": self.hostname, "protocol": "parlor.v2", "ping_ms": 25000, "limits": limits,
                             "server_time": 0})

    async def receive(self, ws, text):
        frame = json.loads(text)
        if frame["type"] == "message":
            self.messages += 1
            if self.options.kick and self.messages % self.options.kick == 0:
                self.faults["kicked"] += 1
                await ws.close(4103, "on purpose")
                return
        if not ws.subprotocol:
            await super().receive(ws, text)
            return
        async with self.turn:
            if frame["type"] == "join":
                await self.join_v2(ws, frame)
            elif frame["type"] == "message" and self.options.refuse and self.messages % self.options.refuse == 0:
                self.faults["refused"] += 1
                await self.send(ws, {"type": "error", "rid": frame["rid"], "code": "rate_limited",
                                     "message": "on purpose", "retryable": True})
            elif frame["type"] == "message":
                await self.message_v2(ws, frame)

    async def join_v2(self, ws, frame):
        room = frame["room"]
        await self.send(ws, {"type": "ack", "rid": frame["rid"], "room": room})
        await self.send(ws, {"type": "sync", "room": room, "epoch": "e", "seq": self.seq[room], "recovered": False,
                             "events": [], "more": False})
        self.rooms[room].add(ws)
        self.room_of[ws] = room

    async def message_v2(self, ws, frame):
        room = frame["room"]
        self.seq[room] += 1
        said = {"type": "message", "room": room, "seq": self.seq[room], "id": f"{room}{self.seq[room]}",
                "cid": frame["cid"], "sender": self.clients[ws], "user": self.clients[ws],
                "username": self.clients[ws], "content": frame["content"], "timestamp": "2026-03-01T12:00:00.000Z"}
        ack = {"type": "ack", "rid": frame["rid"], "room": room, "id": said["id"], "seq": said["seq"],
               "timestamp": said["timestamp"], "cid": frame["cid"], "dup": False, "durable": False}
        await self.send(ws, ack)
        await self.broadcast(room, said, lambda member: self.deliver(member, ws, said))


def main():
    parser = tutorial_server.arguments()
    parser.add_argument("--every", type=int, default=7)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--until", type=int, default=0)
    parser.add_argument("--kick", type=int, default=0)
    parser.add_argument("--refuse", type=int, default=0)
    options = parser.parse_args()
    server = FaultyServer(options)
    asyncio.run(server.run(options.listen))
    print("faults " + json.dumps(server.faults), file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
