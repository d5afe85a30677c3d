// SPDX-License-Identifier: MIT
#include "tests/bench/peers/floor/floorserver.h"

#include "tests/bench/peers/floor/frames.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace parlor::floor {

namespace {

constexpr int kBacklog = 4096;
constexpr int kEventsOfTurn = 1024;
constexpr std::size_t kReceiveBytes = 64 * 1024;

void watch(int epoll, int socket)
{
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = socket;
    epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
}

} // namespace

FloorServer::FloorServer(Sender &sender)
    : m_sender(sender)
    , m_buffer(kReceiveBytes)
    , m_epoll(epoll_create1(EPOLL_CLOEXEC))
{
}

std::uint16_t FloorServer::listen()
{
    m_listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr generic{};
    static_assert(sizeof generic == sizeof address);
    std::memcpy(&generic, &address, sizeof generic);
    socklen_t size = sizeof generic;
    if (bind(m_listener, &generic, size) != 0 || ::listen(m_listener, kBacklog) != 0 ||
        getsockname(m_listener, &generic, &size) != 0) {
        return 0;
    }
    watch(m_epoll, m_listener);
    std::memcpy(&address, &generic, sizeof address);
    return ntohs(address.sin_port);
}

void FloorServer::run()
{
    std::array<epoll_event, kEventsOfTurn> events{};
    for (;;) {
        const int count = epoll_wait(m_epoll, events.data(), kEventsOfTurn, -1);
        for (int i = 0; i < count; ++i) {
            const int socket = events[static_cast<std::size_t>(i)].data.fd;
            if (socket == m_listener)
                accept();
            else
                receive(socket);
        }
        flush();
    }
}

void FloorServer::accept()
{
    for (;;) {
        const int socket = accept4(m_listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket < 0)
            return;
        const int on = 1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const auto index = static_cast<std::size_t>(socket);
        if (index >= m_connections.size())
            m_connections.resize(index + 1);
        m_connections[index] = {};
        watch(m_epoll, socket);
    }
}

void FloorServer::receive(int socket)
{
    const ssize_t size = recv(socket, m_buffer.data(), m_buffer.size(), 0);
    if (size <= 0)
        return drop(socket);
    std::span<char> bytes(m_buffer.data(), static_cast<std::size_t>(size));
    std::string joined;
    const auto partial = m_partial.find(socket);
    if (partial != m_partial.end()) {
        joined = std::move(partial->second);
        joined.append(bytes.data(), bytes.size());
        bytes = joined;
        m_partial.erase(partial);
    }
    Connection &connection = m_connections[static_cast<std::size_t>(socket)];
    if (!connection.isUpgraded) {
        const std::size_t head = headSize({bytes.data(), bytes.size()});
        if (head != 0) {
            connection.isUpgraded = true;
            m_sender.add(socket, upgradeAnswer());
            bytes = bytes.subspan(head);
        }
    }
    if (connection.isUpgraded) {
        for (ClientFrame frame = readFrame(bytes); frame.size != 0; frame = readFrame(bytes)) {
            if (frame.isData)
                take(socket, connection, frame.payload);
            bytes = bytes.subspan(frame.size);
        }
    }
    if (!bytes.empty())
        m_partial[socket].assign(bytes.data(), bytes.size());
}

void FloorServer::take(int socket, Connection &connection, std::string_view payload)
{
    if (connection.room == nullptr) {
        connection.room = &m_rooms[std::string(payload)];
        connection.room->members.push_back(socket);
        std::string answer;
        appendTextFrame(answer, payload);
        m_sender.add(socket, answer);
        m_sender.finish();
        return;
    }
    if (connection.room->bytes.empty())
        m_dirty.push_back(connection.room);
    appendTextFrame(connection.room->bytes, payload);
}

void FloorServer::flush()
{
    for (const Room *room : m_dirty) {
        for (const int member : room->members)
            m_sender.add(member, room->bytes);
    }
    m_sender.finish();
    for (Room *room : m_dirty)
        room->bytes.clear();
    m_dirty.clear();
}

void FloorServer::drop(int socket)
{
    Connection &connection = m_connections[static_cast<std::size_t>(socket)];
    if (connection.room != nullptr)
        std::erase(connection.room->members, socket);
    connection = {};
    m_partial.erase(socket);
    close(socket);
}

} // namespace parlor::floor
