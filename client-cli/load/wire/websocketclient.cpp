// SPDX-License-Identifier: MIT
#include "client-cli/load/wire/websocketclient.h"

#include "shared/protocol/limits.h"
#include "shared/websocket/mask.h"

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <utility>

namespace parlor::cli::load {

using websocket::Flow;
using websocket::Opcode;

namespace {

constexpr std::size_t kMaxOutgoing = 64 * 1024; ///< waiting for the kernel; what comes on top is dropped
constexpr websocket::ReaderLimits kLimits{.messageBytes = limits::kClientFrameBytes, .fragments = 4096};

std::string errorText(int number)
{
    return std::strerror(number);
}

std::string refusalText(const websocket::Refusal &refusal, int status)
{
    if (refusal.reason == websocket::Refusal::Reason::NoSubprotocol)
        return refusal.text + "; try --dialect v1";
    if (refusal.reason == websocket::Refusal::Reason::Status && status == 401)
        return refusal.text +
               ": give a valid token with --token-file FILE; parlor-cli probe --token-file FILE "
               "says what is wrong with one";
    return refusal.text;
}

} // namespace

Result<void> WebSocketClient::open(const Address &address, const Target &target, std::string_view subprotocol)
{
    m_descriptor = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (m_descriptor < 0)
        return Error{.text = errorText(errno)};
    const int on = 1;
    ::setsockopt(m_descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto *where = reinterpret_cast<const sockaddr *>(&address.storage);
    m_watched = EPOLLOUT;
    if ((::connect(m_descriptor, where, address.size) != 0 && errno != EINPROGRESS) ||
        !m_parts.poller.add(m_descriptor, *this, m_watched)) {
        const int why = errno;
        ::close(std::exchange(m_descriptor, -1));
        return Error{.text = errorText(why)};
    }
    m_state = State::Connecting;
    m_reader.emplace(websocket::Role::Client, kLimits);
    m_closeCode.reset();
    m_closeReason.clear();
    websocket::UpgradeRequest request{
        target.authority, target.path, {}, {{"User-Agent", "parlor-cli/" PARLOR_VERSION}}};
    if (!subprotocol.empty())
        request.subprotocols.emplace_back(subprotocol);
    if (!target.token.empty())
        request.fields.push_back({"Authorization", "Bearer " + target.token});
    const std::array nonce{m_parts.random.next(), m_parts.random.next()};
    m_handshake = std::make_unique<websocket::ClientHandshake>(
        std::move(request), std::bit_cast<websocket::ClientHandshake::Nonce>(nonce));
    m_out = m_handshake->request();
    return {};
}

bool WebSocketClient::sendText(std::string_view payload)
{
    if (m_state != State::Open || m_out.size() + payload.size() > kMaxOutgoing)
        return false;
    appendFrame(Opcode::Text, payload);
    flush();
    return true;
}

void WebSocketClient::close(std::uint16_t code)
{
    if (m_state != State::Open)
        return;
    m_state = State::Closing;
    const std::array<char, 2> payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
    appendFrame(Opcode::Close, {payload.data(), payload.size()});
    flush();
}

void WebSocketClient::abort()
{
    m_state = State::Closed;
    m_out = {};
    m_handshake.reset();
    if (m_descriptor >= 0) {
        m_parts.poller.remove(m_descriptor);
        ::close(std::exchange(m_descriptor, -1));
    }
}

void WebSocketClient::finish(std::uint16_t closeCode, std::string reason)
{
    ConnectionEnd end{ConnectionEnd::Stage::Open, closeCode, std::move(reason)};
    if (m_state == State::Connecting)
        end.stage = ConnectionEnd::Stage::Connecting;
    else if (m_state == State::Upgrading)
        end.stage = ConnectionEnd::Stage::Upgrading;
    abort();
    m_listener.onEnded(end);
}

void WebSocketClient::onEvents(std::uint32_t events)
{
    if (m_state == State::Connecting && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0)
        finishConnect();
    if ((events & EPOLLOUT) != 0 && m_state != State::Closed)
        flush();
    if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0 && m_state != State::Closed)
        receive();
}

void WebSocketClient::finishConnect()
{
    int failure = 0;
    socklen_t size = sizeof failure;
    ::getsockopt(m_descriptor, SOL_SOCKET, SO_ERROR, &failure, &size);
    if (failure != 0)
        finish(0, errorText(failure));
    else
        m_state = State::Upgrading;
}

/// One read: what is left is reported again, when the others have had their turn.
void WebSocketClient::receive()
{
    const std::span<char> buffer = m_parts.readBuffer;
    const ssize_t size = ::recv(m_descriptor, buffer.data(), buffer.size(), 0);
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (size <= 0) {
        std::string why;
        if (m_closeCode)
            why = m_closeReason;
        else if (size < 0)
            why = errorText(errno);
        else if (m_state == State::Upgrading)
            why = "the server ended the connection";
        finish(m_closeCode.value_or(1006), std::move(why));
        return;
    }
    m_receivedAt = m_parts.clock.now();
    m_parts.bytesReceived += static_cast<std::uint64_t>(size);
    take(buffer.first(static_cast<std::size_t>(size)));
}

void WebSocketClient::take(std::span<char> bytes)
{
    if (m_state == State::Upgrading)
        bytes = takeHead(bytes);
    if (bytes.empty() || m_state == State::Closed)
        return;
    m_reader->feed(bytes, *this);
    if (m_state == State::Closed)
        return;
    if (const auto &violation = m_reader->violation())
        finish(violation->closeCode, "the server broke the protocol: " + std::string(violation->reason));
    else if (m_closeCode && m_state == State::Open)
        finish(*m_closeCode, m_closeReason); // its Close; ours went back in onClose()
}

/// Returns what follows the head, once that is whole and right.
std::span<char> WebSocketClient::takeHead(std::span<char> bytes)
{
    using websocket::ClientHandshake;
    const std::size_t used = m_handshake->feed({bytes.data(), bytes.size()});
    if (m_handshake->state() == ClientHandshake::State::Refused) {
        finish(0, refusalText(m_handshake->refusal(), m_handshake->response().status));
        return {};
    }
    if (m_handshake->state() == ClientHandshake::State::Open) {
        m_handshake.reset();
        m_state = State::Open;
        m_listener.onConnected();
    }
    return bytes.subspan(used);
}

void WebSocketClient::appendFrame(Opcode opcode, std::string_view payload)
{
    const auto random = static_cast<std::uint32_t>(m_parts.random.next());
    websocket::MaskKey key;
    std::memcpy(key.data(), &random, key.size());
    websocket::appendMaskedFrame(m_out, opcode, payload, key);
}

void WebSocketClient::flush()
{
    if (m_state == State::Connecting)
        return;
    std::size_t sent = 0;
    while (sent < m_out.size()) {
        const ssize_t size = ::send(m_descriptor, m_out.data() + sent, m_out.size() - sent, MSG_NOSIGNAL);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            break; // it is full; or it has ended, which receive() will see
        sent += static_cast<std::size_t>(size);
    }
    m_parts.bytesSent += sent;
    m_out.erase(0, sent);
    watch(m_out.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT);
}

void WebSocketClient::watch(std::uint32_t events)
{
    if (m_watched == events)
        return;
    m_watched = events;
    m_parts.poller.change(m_descriptor, *this, events);
}

Flow WebSocketClient::onText(std::string_view message)
{
    if (m_state == State::Open)
        m_listener.onText(message, m_receivedAt);
    return m_state == State::Closed ? Flow::Stop : Flow::Continue;
}

Flow WebSocketClient::onBinary(std::string_view)
{
    return Flow::Continue; // no server of either dialect sends one; nothing depends on it
}

Flow WebSocketClient::onPing(std::string_view payload)
{
    if (m_out.size() < kMaxOutgoing) {
        appendFrame(Opcode::Pong, payload);
        flush();
    }
    return Flow::Continue;
}

Flow WebSocketClient::onPong(std::string_view)
{
    return Flow::Continue;
}

void WebSocketClient::onClose(std::optional<std::uint16_t> code, std::string_view reason)
{
    m_closeCode = code.value_or(1005);
    m_closeReason = reason;
    if (m_state == State::Open) {
        const std::array<char, 2> payload{static_cast<char>(*m_closeCode >> 8),
                                          static_cast<char>(*m_closeCode & 0xFF)};
        appendFrame(Opcode::Close,
                    code ? std::string_view(payload.data(), payload.size()) : std::string_view());
        flush();
    }
}

} // namespace parlor::cli::load
