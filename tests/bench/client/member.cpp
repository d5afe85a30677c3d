// SPDX-License-Identifier: MIT
#include "tests/bench/client/member.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace parlor::bench {

namespace {

constexpr std::size_t kMaxHead = 4096;
constexpr websocket::ReaderLimits kLimits{.messageBytes = 4U << 20, .fragments = 0};
constexpr websocket::MaskKey kMask{0x5a, 0x13, 0xc7, 0x2e};
// The key of RFC 6455 §1.3 and its answer: the same for everybody, so that a peer may know it by heart.
constexpr std::string_view kUpgradeFields = " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                                            "Connection: Upgrade\r\n"
                                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                            "Sec-WebSocket-Version: 13\r\n\r\n";
constexpr std::string_view kAccepted = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

} // namespace

Member::Member(std::uint32_t index, Dialect dialect, MemberListener &listener, Poller &poller,
               std::span<char> buffer)
    : m_listener(listener)
    , m_poller(poller)
    , m_buffer(buffer)
    , m_reader(websocket::Role::Client, kLimits)
    , m_index(index)
    , m_dialect(dialect)
{
}

Member::~Member()
{
    if (m_socket < 0)
        return;
    // A reset leaves no TIME_WAIT, which thousands of connections would take the ports of later runs with.
    const linger reset{.l_onoff = 1, .l_linger = 0};
    setsockopt(m_socket, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(m_socket);
}

bool Member::connect(std::uint16_t port)
{
    m_connectedAt = Clock::now();
    m_socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (m_socket < 0)
        return false;
    const int on = 1;
    setsockopt(m_socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr generic{};
    static_assert(sizeof generic == sizeof address);
    std::memcpy(&generic, &address, sizeof generic);
    if (::connect(m_socket, &generic, sizeof generic) != 0 && errno != EINPROGRESS)
        return false;
    m_out = "GET ";
    m_out.append(path(m_dialect)).append(kUpgradeFields);
    watch(EPOLLIN | EPOLLOUT);
    return true;
}

void Member::join(std::uint32_t room)
{
    m_room = room;
    websocket::appendMaskedFrame(m_out, websocket::Opcode::Text, joinRequest(m_dialect, room), kMask);
    flush();
}

void Member::publish(std::string_view content)
{
    websocket::appendMaskedFrame(m_out, websocket::Opcode::Text, publishRequest(m_dialect, content), kMask);
}

void Member::flush()
{
    while (!m_out.empty() && m_socket >= 0) {
        const ssize_t sent = send(m_socket, m_out.data(), m_out.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno != EAGAIN)
            return end(std::strerror(errno));
        if (sent < 0)
            return watch(EPOLLIN | EPOLLOUT);
        m_out.erase(0, static_cast<std::size_t>(sent));
    }
    watch(EPOLLIN);
}

void Member::onEvents(std::uint32_t events)
{
    if (m_socket >= 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        receive();
    if (m_socket >= 0 && (events & EPOLLOUT) != 0)
        flush();
}

void Member::receive()
{
    const ssize_t size = recv(m_socket, m_buffer.data(), m_buffer.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size < 0)
        return end(std::strerror(errno));
    if (size == 0)
        return end("the server ended the connection");
    const auto bytes = m_buffer.first(static_cast<std::size_t>(size));
    if (!m_upgraded)
        return upgrade(bytes);
    m_reader.feed(bytes, *this);
    if (m_reader.violation() && m_socket >= 0)
        end(m_reader.violation()->reason);
}

void Member::upgrade(std::span<char> bytes)
{
    m_head.append(bytes.data(), bytes.size());
    const std::size_t end_ = m_head.find("\r\n\r\n");
    if (end_ == std::string::npos) {
        if (m_head.size() > kMaxHead)
            end("the answer to the upgrade has no end");
        return;
    }
    std::string rest = m_head.substr(end_ + 4);
    m_head.resize(end_ + 2);
    if (!m_head.starts_with("HTTP/1.1 101 ") || m_head.find(kAccepted) == std::string::npos)
        return end("the server refused the upgrade: " + m_head.substr(0, m_head.find('\r')));
    std::string().swap(m_head);
    m_upgraded = true;
    if (!greets(m_dialect)) {
        m_open = true;
        m_listener.onOpened(*this);
    }
    if (!rest.empty() && m_socket >= 0)
        m_reader.feed(rest, *this);
}

websocket::Flow Member::onText(std::string_view message)
{
    const Incoming incoming = understand(m_dialect, message);
    switch (incoming.kind) {
    case FrameKind::Message:
        m_listener.onMessage(*this, incoming.content, message.size());
        break;
    case FrameKind::Joined:
        m_listener.onJoined(*this);
        break;
    case FrameKind::Greeting:
        if (!m_open) {
            m_open = true;
            m_listener.onOpened(*this);
        }
        break;
    case FrameKind::Other:
        break;
    }
    return m_socket < 0 ? websocket::Flow::Stop : websocket::Flow::Continue;
}

websocket::Flow Member::onBinary(std::string_view message)
{
    return onText(message);
}

websocket::Flow Member::onPing(std::string_view payload)
{
    websocket::appendMaskedFrame(m_out, websocket::Opcode::Pong, payload, kMask);
    flush();
    return websocket::Flow::Continue;
}

websocket::Flow Member::onPong(std::string_view)
{
    return websocket::Flow::Continue;
}

void Member::onClose(std::optional<std::uint16_t> code, std::string_view reason)
{
    end("closed with " + std::to_string(code.value_or(1005)) + ' ' + std::string(reason));
}

void Member::end(std::string_view why)
{
    close(m_socket);
    m_socket = -1;
    m_listener.onEnded(*this, why);
}

void Member::watch(std::uint32_t events)
{
    if (m_socket < 0 || events == m_watched)
        return;
    if (m_watched != 0)
        m_poller.change(m_socket, *this, events);
    else if (!m_poller.add(m_socket, *this, events))
        return end(std::strerror(errno));
    m_watched = events;
}

} // namespace parlor::bench
