// SPDX-License-Identifier: MIT
#pragma once

#include "tests/bench/peers/floor/sender.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace parlor::floor {

/// What any server on sockets has to do at least: one epoll set, one recv() for a connection that is ready,
/// and at the end of a turn the bytes that came for a room, framed once, to each of its members. No limits,
/// no time-outs, no states but these.
class FloorServer
{
public:
    explicit FloorServer(Sender &sender);

    /// Listens on 127.0.0.1 at any free port; 0: errno says why not.
    [[nodiscard]] std::uint16_t listen();
    [[noreturn]] void run();

private:
    struct Room
    {
        std::vector<int> members;
        std::string bytes; ///< of this turn
    };
    struct Connection
    {
        Room *room = nullptr;
        bool isUpgraded = false;
    };

    void accept();
    void receive(int socket);
    void take(int socket, Connection &connection, std::string_view payload);
    void flush();
    void drop(int socket);

    Sender &m_sender;
    std::vector<Connection> m_connections; ///< by descriptor
    std::map<int, std::string> m_partial;  ///< what has come of something unfinished
    std::map<std::string, Room> m_rooms;
    std::vector<Room *> m_dirty;
    std::vector<char> m_buffer;
    int m_epoll = -1;
    int m_listener = -1;
};

} // namespace parlor::floor
