#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The tutorial's chat server as FastAPI and uvicorn run it, with rooms of any name: join, message, their broadcasts.

Its broadcast is the tutorial's: a send_json() for each member in turn. Pings and logs are off, as they are for the
others of the bench.
"""
import datetime
import socket
import sys
from collections import defaultdict

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
rooms = defaultdict(dict)  # by name: the room's members by client_id


async def broadcast(room, frame):
    for member in list(rooms[room].values()):
        try:
            await member.send_json(frame)
        except Exception:  # as the tutorial does: one member's failure is not the others'
            pass


async def join(client, client_id, old, room):
    if old:
        rooms[old].pop(client_id, None)
    rooms[room][client_id] = client
    await broadcast(room, {"type": "user_joined", "userId": client_id, "username": client_id})
    await client.send_json({"type": "room_users", "users": list(rooms[room])})
    return room


@app.websocket("/ws")
async def serve(client: WebSocket):
    await client.accept()
    client_id, room = str(id(client)), None
    await client.send_json({"type": "connection", "status": "connected", "client_id": client_id,
                            "hostname": socket.gethostname()})
    try:
        while True:
            request = await client.receive_json()
            if request["type"] == "join":
                room = await join(client, client_id, room, request["room"])
                continue

            def frame(sender):
                return {"type": "message", "sender": sender, "content": request["content"],
                        "timestamp": datetime.datetime.now().isoformat()}

            await client.send_json(frame("server"))
            await broadcast(room, frame(client_id))
    except WebSocketDisconnect:
        if room:
            rooms[room].pop(client_id, None)


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    print(f"listening on 127.0.0.1:{listener.getsockname()[1]}", file=sys.stderr, flush=True)
    config = uvicorn.Config(app, log_level="error", access_log=False, ws_ping_interval=None, ws_ping_timeout=None,
                            backlog=4096)
    uvicorn.Server(config).run(sockets=[listener])
