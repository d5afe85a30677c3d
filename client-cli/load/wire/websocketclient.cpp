// SPDX-License-Identifier: MIT
#include "client-cli/load/wire/websocketclient.h"

#include "client-cli/load/wire/upgrade.h"
#include "shared/protocol/limits.h"
#include "shared/websocket/mask.h"

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <sys/epoll.h>
#include <utility>

namespace parlor::cli::load {

using websocket::Flow;
using websocket::Opcode;

namespace {

/// Waiting for the kernel. What comes on top is dropped; but one message may be longer.
constexpr std::size_t kMaxOutgoing = 64 * 1024;
constexpr websocket::ReaderLimits kLimits{.messageBytes = limits::kClientFrameBytes, .fragments = 4096};

constexpr int kReadsPerTurn = 4; ///< so that one fast server does not keep the others' sockets waiting

} // namespace

Result<void> WebSocketClient::open(const Address &address, const Target &target, std::string_view subprotocol,
                                   std::size_t user)
{
    if (auto opened = m_stream.open(address, target, user); !opened)
        return opened;
    m_watched = EPOLLOUT;
    if (!m_parts.poller.add(m_stream.descriptor(), *this, m_watched)) {
        const std::string why = std::strerror(errno);
        m_stream.close();
        return Error{.text = "cannot wait for a socket (epoll): " + why};
    }
    m_state = State::Opening;
    m_target = &target;
    m_reader.emplace(websocket::Role::Client, kLimits);
    m_closeCode.reset();
    m_closeReason.reset();
    const std::array nonce{m_parts.random.next(), m_parts.random.next()};
    m_handshake =
        std::make_unique<websocket::ClientHandshake>(upgradeRequest(target, subprotocol, m_cookies.get()),
                                                     std::bit_cast<websocket::ClientHandshake::Nonce>(nonce));
    m_out = m_handshake->request();
    return {};
}

bool WebSocketClient::sendText(std::string_view payload)
{
    const bool fits = m_out.empty() || m_out.size() + payload.size() <= kMaxOutgoing;
    if (m_state != State::Open || !fits)
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
    releaseOutgoing();
    m_hasMore = false;
    m_handshake.reset();
    if (m_stream.descriptor() >= 0)
        m_parts.poller.remove(m_stream.descriptor());
    m_stream.close();
}

std::string_view WebSocketClient::lateness() const
{
    if (!m_stream.isConnected())
        return "no connection in time";
    if (m_stream.isSecuring())
        return "the server took the connection, but did not end the TLS handshake in time";
    return "the server took the connection, but did not answer the upgrade in time";
}

void WebSocketClient::releaseOutgoing()
{
    std::string().swap(m_out); // an assignment would keep the memory
}

void WebSocketClient::finish(std::uint16_t closeCode, std::string reason)
{
    ConnectionEnd end{ConnectionEnd::Stage::Open, closeCode, std::move(reason)};
    if (m_state == State::Opening && !m_stream.isConnected())
        end.stage = ConnectionEnd::Stage::Connecting;
    else if (m_state == State::Opening || m_state == State::Upgrading)
        end.stage = ConnectionEnd::Stage::Upgrading;
    abort();
    m_listener.onEnded(end);
}

void WebSocketClient::onEvents(std::uint32_t events)
{
    if (m_state == State::Closed)
        return;
    if (m_state == State::Opening) {
        advance();
        return;
    }
    // TLS may have to read before it can write.
    if ((events & EPOLLOUT) != 0 || (m_stream.isTls() && !m_out.empty()))
        flush();
    if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0 || m_hasMore)
        receive();
}

void WebSocketClient::advance()
{
    const bool wasConnected = m_stream.isConnected();
    const Stream::Step step = m_stream.advance();
    if (!wasConnected && m_stream.isConnected())
        m_listener.onTcpConnected();
    switch (step) {
    case Stream::Step::Ready:
        m_state = State::Upgrading;
        if (m_stream.isTls())
            m_listener.onSecured();
        flush();
        // What came with TLS's last message is here already.
        if (m_stream.hasPending())
            receive();
        break;
    case Stream::Step::WaitsToRead:
        watch(EPOLLIN);
        break;
    case Stream::Step::WaitsToWrite:
        watch(EPOLLIN | EPOLLOUT);
        break;
    case Stream::Step::Failed:
        finish(0, m_stream.failure());
        break;
    }
}

/// What is left after some reads is reported again, when the others have had their turn.
void WebSocketClient::receive()
{
    const std::span<char> buffer = m_parts.readBuffer;
    m_hasMore = false;
    for (int i = 0; i < kReadsPerTurn; ++i) {
        const Stream::Moved moved = m_stream.read(buffer);
        if (moved.bytes > 0) {
            m_receivedAt = m_parts.clock.now();
            m_parts.bytesReceived += moved.bytes;
            take(buffer.first(moved.bytes));
            if (m_state == State::Closed)
                return;
        }
        if (moved.outcome == Stream::Moved::Outcome::Ended ||
            moved.outcome == Stream::Moved::Outcome::Failed) {
            finish(m_closeCode.value_or(1006), endReason(moved));
            return;
        }
        if (moved.bytes < buffer.size()) // all that is whole has been read: TLS may hold a part of a record
            return;
    }
    if (m_stream.hasPending()) {
        m_hasMore = true;
        watch(EPOLLIN | EPOLLOUT); // it can be written to: this is the next turn
    }
}

std::string WebSocketClient::endReason(const Stream::Moved &moved) const
{
    if (m_closeCode)
        return m_closeReason ? *m_closeReason : std::string();
    if (moved.outcome == Stream::Moved::Outcome::Failed)
        return m_stream.failure();
    if (m_state != State::Upgrading)
        return {};
    return std::string("the server ended the connection instead of answering") +
           (m_stream.isTls() ? "" : "; does it want wss://?");
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
        finish(*m_closeCode, *m_closeReason); // its Close; ours went back in onClose()
}

/// Returns what follows the head, once that is whole and right.
std::span<char> WebSocketClient::takeHead(std::span<char> bytes)
{
    using websocket::ClientHandshake;
    const std::size_t used = m_handshake->feed({bytes.data(), bytes.size()});
    if (m_handshake->state() != ClientHandshake::State::Waiting)
        keepCookies();
    if (m_handshake->state() == ClientHandshake::State::Refused) {
        finish(0, refusalText(*m_handshake));
        return {};
    }
    if (m_handshake->state() == ClientHandshake::State::Open) {
        m_handshake.reset();
        m_state = State::Open;
        m_listener.onConnected();
    }
    return bytes.subspan(used);
}

void WebSocketClient::keepCookies()
{
    if (!m_target->keepsCookies)
        return;
    const auto given = m_handshake->response().values("set-cookie");
    if (given.empty())
        return;
    if (!m_cookies)
        m_cookies = std::make_unique<CookieJar>();
    for (const std::string_view each : given)
        m_cookies->take(each, std::chrono::system_clock::now());
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
    if (m_state == State::Opening)
        return;
    const std::size_t sent = m_stream.write(m_out); // if it has ended, receive() will see
    m_parts.bytesSent += sent;
    if (sent == m_out.size())
        releaseOutgoing(); // most connections are idle most of the time
    else
        m_out.erase(0, sent);
    watch(m_out.empty() && !m_hasMore ? EPOLLIN : EPOLLIN | EPOLLOUT);
}

void WebSocketClient::watch(std::uint32_t events)
{
    if (m_watched == events)
        return;
    m_watched = events;
    m_parts.poller.change(m_stream.descriptor(), *this, events);
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
    m_closeReason = std::make_unique<std::string>(reason);
    if (m_state == State::Open) {
        const std::array<char, 2> payload{static_cast<char>(*m_closeCode >> 8),
                                          static_cast<char>(*m_closeCode & 0xFF)};
        appendFrame(Opcode::Close,
                    code ? std::string_view(payload.data(), payload.size()) : std::string_view());
        flush();
    }
}

} // namespace parlor::cli::load
