// SPDX-License-Identifier: MIT
#include "client-cli/sink/connection.h"

#include "shared/protocol/closecode.h"
#include "shared/websocket/frame.h"

#include <array>
#include <cerrno>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utility>

namespace parlor::cli::sink {

using websocket::Flow;
using websocket::Opcode;

namespace {

constexpr websocket::ReaderLimits kReaderLimits{.messageBytes = 64 * 1024, .fragments = 64};

} // namespace

Connection::Connection(int descriptor, ConnectionParts parts)
    : m_parts(parts)
    , m_descriptor(descriptor)
    , m_upgrade(std::make_unique<Upgrade>(parts.dialects))
    , m_reader(websocket::Role::Server, kReaderLimits)
{
}

Connection::~Connection()
{
    if (m_client)
        m_parts.chat.part(*m_client);
    m_parts.waiting -= m_waiting.size() - m_written;
    m_parts.poller.remove(m_descriptor);
    ::close(m_descriptor);
}

bool Connection::start()
{
    m_watched = EPOLLIN;
    return m_parts.poller.add(m_descriptor, *this, m_watched);
}

void Connection::onEvents(std::uint32_t events)
{
    if ((events & EPOLLOUT) != 0 && !m_isOver)
        flush();
    if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0 && !m_isOver)
        receive();
}

void Connection::receive()
{
    const ssize_t size = ::recv(m_descriptor, m_parts.readBuffer.data(), m_parts.readBuffer.size(), 0);
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (size <= 0)
        return end();
    m_receivedAt = m_parts.clock.now();
    m_parts.counts.bytesReceived += static_cast<std::uint64_t>(size);
    if (!m_isEnding)
        take(m_parts.readBuffer.first(static_cast<std::size_t>(size)));
}

void Connection::take(std::span<char> bytes)
{
    if (m_upgrade)
        bytes = takeHead(bytes);
    if (bytes.empty() || m_isEnding || m_isOver)
        return;
    m_reader.feed(bytes, *this);
    if (const auto *violation = m_reader.violation(); violation != nullptr && !m_isEnding)
        closeWith(violation->closeCode, violation->reason);
}

std::span<char> Connection::takeHead(std::span<char> bytes)
{
    const std::size_t used = m_upgrade->feed({bytes.data(), bytes.size()});
    if (m_upgrade->state() == Upgrade::State::Waiting)
        return {};
    const bool isOpen = m_upgrade->state() == Upgrade::State::Open;
    send(m_upgrade->answer(), {});
    if (isOpen) {
        ++m_parts.counts.upgrades;
        m_client.emplace(*this, m_upgrade->isV2());
        m_parts.chat.welcome(*m_client);
    } else {
        endAfterWriting();
    }
    m_upgrade.reset();
    return bytes.subspan(used);
}

// ---- frames

Flow Connection::onText(std::string_view message)
{
    m_parts.chat.take(*m_client, message, m_receivedAt);
    return Flow::Continue;
}

Flow Connection::onBinary(std::string_view)
{
    closeWith(static_cast<std::uint16_t>(CloseCode::UnsupportedData), "text frames only");
    return Flow::Stop;
}

Flow Connection::onPing(std::string_view payload)
{
    std::string pong;
    websocket::appendFrame(pong, Opcode::Pong, payload);
    send(pong, {});
    return Flow::Continue;
}

Flow Connection::onPong(std::string_view)
{
    return Flow::Continue;
}

void Connection::onClose(std::optional<std::uint16_t> code, std::string_view)
{
    closeWith(code.value_or(static_cast<std::uint16_t>(CloseCode::Normal)), {});
}

void Connection::closeWith(std::uint16_t code, std::string_view reason)
{
    std::string close;
    websocket::appendClose(close, code, reason);
    send(m_client ? m_client->out : std::string(), close); // what was answered already goes ahead
    if (m_client) {
        m_parts.chat.part(*m_client); // nothing is delivered to it any more
        m_client.reset();
    }
    endAfterWriting();
}

// ---- writing

void Connection::send(std::string_view own, std::string_view shared)
{
    if (m_isOver || m_isEnding)
        return;
    if (m_written < m_waiting.size())
        return keep(own, shared, 0);
    std::array<iovec, 2> pieces{};
    int count = 0;
    for (const std::string_view each : {own, shared}) {
        if (!each.empty())
            pieces[static_cast<std::size_t>(count++)] = {const_cast<char *>(each.data()), each.size()};
    }
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = static_cast<std::size_t>(count);
    const ssize_t size = ::sendmsg(m_descriptor, &message, MSG_NOSIGNAL);
    if (size < 0 && errno != EAGAIN && errno != EINTR)
        return end();
    const std::size_t sent = size < 0 ? 0 : static_cast<std::size_t>(size);
    m_parts.counts.bytesSent += sent;
    if (sent < own.size() + shared.size())
        keep(own, shared, sent);
}

void Connection::keep(std::string_view own, std::string_view shared, std::size_t sent)
{
    const std::size_t ofOwn = std::min(sent, own.size());
    own.remove_prefix(ofOwn);
    shared.remove_prefix(sent - ofOwn);
    if (m_waiting.size() - m_written + own.size() + shared.size() > kMaxWaiting ||
        m_parts.waiting + own.size() + shared.size() > kMaxWaitingOfAll) {
        ++m_parts.counts.cut;
        return end();
    }
    if (m_written > m_waiting.size() / 2) // not each time: it moves all that is left
        m_waiting.erase(0, std::exchange(m_written, 0));
    m_waiting.append(own).append(shared);
    m_parts.waiting += own.size() + shared.size();
    watch(EPOLLIN | EPOLLOUT);
}

void Connection::flush()
{
    while (m_written < m_waiting.size()) {
        const ssize_t size =
            ::send(m_descriptor, m_waiting.data() + m_written, m_waiting.size() - m_written, MSG_NOSIGNAL);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && errno == EAGAIN)
            return;
        if (size < 0)
            return end();
        m_written += static_cast<std::size_t>(size);
        m_parts.waiting -= static_cast<std::size_t>(size);
        m_parts.counts.bytesSent += static_cast<std::uint64_t>(size);
    }
    m_waiting = {};
    m_written = 0;
    if (m_isEnding)
        end();
    else
        watch(EPOLLIN);
}

void Connection::watch(std::uint32_t events)
{
    if (std::exchange(m_watched, events) != events)
        m_parts.poller.change(m_descriptor, *this, events);
}

void Connection::endAfterWriting()
{
    m_isEnding = true;
    if (m_written == m_waiting.size())
        end();
}

void Connection::end()
{
    if (std::exchange(m_isOver, true))
        return;
    m_parts.poller.remove(m_descriptor);
    m_parts.over.push_back(this);
}

} // namespace parlor::cli::sink
