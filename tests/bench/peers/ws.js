// SPDX-License-Identifier: MIT
// Node's ws as its manual advises: no compression, and a message is a Buffer that is made once for the whole room.
// The first message of a client names its room and comes back; every other goes to all of that room.
"use strict";
const { WebSocketServer, WebSocket } = require("ws");

const rooms = new Map();

function enter(client, name) {
    if (!rooms.has(name)) rooms.set(name, new Set());
    const room = rooms.get(name);
    room.add(client);
    client.on("close", () => room.delete(client));
    return room;
}

const server = new WebSocketServer({
    host: "127.0.0.1", port: 0, backlog: 4096, perMessageDeflate: false, clientTracking: false,
});

server.on("connection", (client) => {
    let room = null;
    client.on("error", () => {});
    client.on("message", (data, isBinary) => {
        if (room === null) {
            room = enter(client, data.toString());
            client.send(data, { binary: isBinary });
            return;
        }
        for (const member of room) {
            if (member.readyState === WebSocket.OPEN) member.send(data, { binary: isBinary });
        }
    });
});

server.on("listening", () => console.error(`listening on 127.0.0.1:${server.address().port}`));
