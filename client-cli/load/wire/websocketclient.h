// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/random.h"
#include "client-cli/load/plan/runclock.h"
#include "client-cli/load/wire/address.h"
#include "client-cli/load/wire/cookiejar.h"
#include "client-cli/load/wire/stream.h"
#include "shared/process/poller.h"
#include "shared/protocol/result.h"
#include "shared/websocket/handshake.h"
#include "shared/websocket/reader.h"

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace parlor::cli::load {

/// How a connection ended.
struct ConnectionEnd
{
    enum class Stage : std::uint8_t { Connecting, Upgrading, Open };
    Stage stage = Stage::Connecting;
    std::uint16_t closeCode = 1006; ///< where it had been open
    std::string reason;             ///< for people; may be empty
};

class ConnectionListener
{
public:
    /// TCP's part is done.
    virtual void onTcpConnected() = 0;
    /// TLS's part is done, where there is one.
    virtual void onSecured() = 0;
    /// The WebSocket is open.
    virtual void onConnected() = 0;
    /// `at`: when it was read from the socket.
    virtual void onText(std::string_view text, Offset at) = 0;
    /// Once, after the last of the others, unless abort() was called.
    virtual void onEnded(const ConnectionEnd &end) = 0;

protected:
    ~ConnectionListener() = default;
};

/// What all connections of a thread share.
struct ConnectionParts
{
    Poller &poller;
    const RunClock &clock;
    Random &random;
    std::span<char> readBuffer;
    std::uint64_t &bytesSent;
    std::uint64_t &bytesReceived;
};

/// A WebSocket client's connection over TCP or TLS, non-blocking throughout and within bounded memory. It may
/// be opened again after its end; its cookies, and what TLS can resume, stay. Without TLS an idle one has no
/// memory but its own. Owned by a user; one thread.
class WebSocketClient final : private Pollable, private websocket::ReaderSink
{
public:
    WebSocketClient(const ConnectionParts &parts, ConnectionListener &listener)
        : m_parts(parts)
        , m_listener(listener)
    {
    }
    ~WebSocketClient() { abort(); }
    WebSocketClient(const WebSocketClient &) = delete;
    WebSocketClient &operator=(const WebSocketClient &) = delete;

    /// It is under way, and the listener hears; or not even that. `user`: its number, which chooses the
    /// address that it comes from. `target` outlives the connection.
    [[nodiscard]] Result<void> open(const Address &address, const Target &target,
                                    std::string_view subprotocol, std::size_t user);
    /// Masked and sent at once, as far as the kernel takes it. False: too much waits already, and this was
    /// not taken.
    [[nodiscard]] bool sendText(std::string_view payload);
    /// Sends a Close; the end is reported when the server has ended the connection.
    void close(std::uint16_t code);
    /// Ends at once; nothing is reported.
    void abort();

    /// TCP's part is done.
    [[nodiscard]] bool isConnected() const { return m_stream.isConnected(); }
    /// For people, of one that is not open yet: what the server has not done. "no connection in time"
    [[nodiscard]] std::string_view lateness() const;
    /// Of one that is open: whether TLS began where an earlier connection ended.
    [[nodiscard]] bool wasResumed() const { return m_stream.wasResumed(); }

private:
    enum class State : std::uint8_t { Closed, Opening, Upgrading, Open, Closing };

    void onEvents(std::uint32_t events) override;
    websocket::Flow onText(std::string_view message) override;
    websocket::Flow onBinary(std::string_view message) override;
    websocket::Flow onPing(std::string_view payload) override;
    websocket::Flow onPong(std::string_view payload) override;
    void onClose(std::optional<std::uint16_t> code, std::string_view reason) override;

    void advance();
    void receive();
    [[nodiscard]] std::string endReason(const Stream::Moved &moved) const;
    void take(std::span<char> bytes);
    [[nodiscard]] std::span<char> takeHead(std::span<char> bytes);
    void keepCookies();
    void appendFrame(websocket::Opcode opcode, std::string_view payload);
    void flush();
    void releaseOutgoing();
    void watch(std::uint32_t events);
    void finish(std::uint16_t closeCode, std::string reason);

    const ConnectionParts &m_parts;
    ConnectionListener &m_listener;
    std::optional<websocket::Reader> m_reader;
    std::unique_ptr<websocket::ClientHandshake> m_handshake; ///< until the connection is open
    Stream m_stream;
    std::unique_ptr<CookieJar> m_cookies;       ///< where the target keeps them
    std::unique_ptr<std::string> m_closeReason; ///< the server's, from its Close on
    const Target *m_target = nullptr;           ///< of the present connection
    std::string m_out;                          ///< what the kernel has not taken
    Offset m_receivedAt{};
    std::uint32_t m_watched = 0;
    std::optional<std::uint16_t> m_closeCode; ///< the server's
    bool m_hasMore = false;                   ///< bytes wait in TLS, where the socket does not tell of them
    State m_state = State::Closed;
};

} // namespace parlor::cli::load
