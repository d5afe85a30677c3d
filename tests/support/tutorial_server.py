#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The tutorial's chat server, as far as its wire goes: docs/protocol.md section 2 with the crashes left in.

usage: tutorial_server.py [--listen HOST:PORT]

Says on stderr where it listens, as parlor-server does; ends with 0 on SIGTERM; 77 without python3-websockets.
Other servers of tests are made of the class Server.
"""

import argparse
import asyncio
import datetime
import http
import json
import signal
import socket
import sys

try:
    from websockets.exceptions import ConnectionClosed
    from websockets.legacy.server import serve  # one interface in 10.4 (Debian 12) and 15.0 (Debian 13)
except ImportError:
    print("python3-websockets is not installed", file=sys.stderr)
    sys.exit(77)


class Server:
    """Rooms and clients; subclasses may interfere with deliver()."""

    subprotocols = None

    def __init__(self):
        self.rooms = {"general": set(), "support": set(), "random": set()}
        self.room_of = {}
        self.clients = {}
        self.hostname = socket.gethostname()

    async def deliver(self, receiver, sender, frame):
        """One member's copy of a broadcast."""
        await self.send(receiver, frame)

    async def send(self, ws, frame):
        try:
            await ws.send(json.dumps(frame))
        except ConnectionClosed:
            pass

    async def broadcast(self, room, frame, deliver=None):
        for member in list(self.rooms[room]):
            if deliver:
                await deliver(member)
            else:
                await self.send(member, frame)

    async def join(self, ws, room):
        if ws in self.room_of:
            self.rooms[self.room_of[ws]].discard(ws)
        self.rooms[room].add(ws)  # an unknown room: KeyError, and Close 1011
        self.room_of[ws] = room
        await self.broadcast(room, {"type": "user_joined", "userId": self.clients[ws], "username": self.clients[ws]})
        await self.send(ws, {"type": "room_users", "users": [self.clients[each] for each in self.rooms[room]]})

    async def message(self, ws, content):
        def frame(sender):
            return {"type": "message", "sender": sender, "content": content,
                    "timestamp": datetime.datetime.now().isoformat()}

        await self.send(ws, frame("server"))
        said = frame(self.clients[ws])
        await self.broadcast(self.room_of.get(ws, "general"), said,
                             lambda member: self.deliver(member, ws, said))

    async def greet(self, ws):
        await self.send(ws, {"type": "connection", "status": "connected", "client_id": self.clients[ws],
                             "hostname": self.hostname})

    async def receive(self, ws, text):
        try:
            frame = json.loads(text)
        except ValueError:
            await self.message(ws, text)
            return
        if frame.get("type") == "join":  # no object: AttributeError, and Close 1011
            await self.join(ws, frame.get("room", "general"))
        elif frame.get("type") == "message":
            await self.message(ws, frame.get("content", ""))

    async def serve_client(self, ws):
        self.clients[ws] = str(id(ws))
        try:
            await self.greet(ws)
            async for text in ws:
                await self.receive(ws, text)
        except ConnectionClosed:
            pass
        finally:
            room = self.room_of.pop(ws, None)
            if room:
                self.rooms[room].discard(ws)
                await self.broadcast(room, {"type": "user_left", "userId": self.clients[ws],
                                            "username": self.clients[ws]})
            del self.clients[ws]

    async def answer_http(self, path, _headers):
        if path.split("?")[0] == "/ws":
            return None
        if path == "/health":
            body = {"status": "healthy", "hostname": self.hostname, "connections": len(self.clients),
                    "active_clients": list(self.clients.values())}
            return http.HTTPStatus.OK, {"Content-Type": "application/json"}, json.dumps(body).encode()
        return http.HTTPStatus.FORBIDDEN, {}, b""

    async def run(self, listen):
        host, port = listen.rsplit(":", 1)
        end = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: end.done() or end.set_result(None))
        async with serve(self.serve_client, host, int(port), subprotocols=self.subprotocols,
                         process_request=self.answer_http) as server:
            port = server.sockets[0].getsockname()[1]
            print(f"listening on ws://{host}:{port}/ws", file=sys.stderr, flush=True)
            await end


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listen", default="127.0.0.1:8000", metavar="HOST:PORT")
    return parser


if __name__ == "__main__":
    asyncio.run(Server().run(arguments().parse_args().listen))
