// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/clientframe.h"
#include "tests/support/problem.h"
#include "tests/support/rawsocket.h"

#include <QByteArray>
#include <QList>

#include <optional>

namespace parlor::test {

/// A frame of the server that kept the rules for servers: unmasked, shortest length, no reserved bit or
/// opcode.
struct ServerFrame
{
    std::uint8_t opcode = Text;
    QByteArray payload{};
    bool fin = true;
    bool operator==(const ServerFrame &) const = default;
};

/// A WebSocket client that sends any bytes, and believes no server: each frame that it reads must keep RFC
/// 6455. Its code is its own: an error in the project's codec cannot hide here as well.
class RawWebSocket
{
public:
    /// The request head of an upgrade; `fields`: more lines, each with its CRLF.
    [[nodiscard]] static QByteArray upgradeRequest(const QByteArray &path = "/ws",
                                                   const QByteArray &fields = {});

    /// Connects and upgrades; `request`: a whole request head.
    [[nodiscard]] Problem open(std::uint16_t port, const QByteArray &request = upgradeRequest(),
                               int receiveBuffer = 0);
    /// The server's answer to the upgrade, up to the empty line.
    [[nodiscard]] const QByteArray &response() const { return m_response; }

    [[nodiscard]] bool send(const QByteArray &bytes) { return m_socket.send(bytes); }
    [[nodiscard]] RawSocket &socket() { return m_socket; }

    /// The next frame, whatever it is; nullopt and why() if there is none, or it breaks a rule for servers.
    [[nodiscard]] std::optional<ServerFrame> readFrame(std::chrono::milliseconds patience = kPatience);
    [[nodiscard]] const Problem &why() const { return m_why; }

    [[nodiscard]] Problem expectFrame(const ServerFrame &expected);
    [[nodiscard]] Problem expectText(const QByteArray &payload) { return expectFrame({Text, payload}); }
    [[nodiscard]] Problem expectPong(const QByteArray &payload) { return expectFrame({Pong, payload}); }
    /// The next frame is a well-formed Close with this code (kNoStatus: an empty one).
    [[nodiscard]] Problem expectClose(int code);
    /// The server ends the TCP connection in order, without another byte.
    [[nodiscard]] Problem expectEof();
    /// A Close with this code, which is answered as clients answer it, and the end.
    [[nodiscard]] Problem expectClosing(int code);
    /// Close, the same in answer, end.
    [[nodiscard]] Problem closeNormally();

private:
    [[nodiscard]] std::optional<ServerFrame> fail(const Problem &why);
    /// The server's end of TCP, then the client's.
    [[nodiscard]] Problem finish();

    RawSocket m_socket;
    QByteArray m_response;
    Problem m_why;
};

/// Few enough characters to print.
[[nodiscard]] QString describe(const ServerFrame &frame);

} // namespace parlor::test
