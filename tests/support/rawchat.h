// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/rawwebsocket.h"

#include <QJsonObject>
#include <QString>

#include <optional>

namespace parlor::test {

enum class Dialect : std::uint8_t { V1, V2 };

/// A chat client made from the protocol's document: QJson over RawWebSocket. It answers pings and a Close
/// while it reads, and drops `presence`, which may come at any time.
class RawChat
{
public:
    /// Connects, upgrades and reads the `connection` frame. `fields`: more lines for the head.
    [[nodiscard]] Problem open(std::uint16_t port, Dialect dialect, const QByteArray &fields = {},
                               int receiveBuffer = 0);
    /// As open(), and joins this room; returns when all frames that a join brings have come.
    [[nodiscard]] Problem openAndJoin(std::uint16_t port, Dialect dialect, const QString &room);

    [[nodiscard]] const QJsonObject &connection() const { return m_connection; }
    [[nodiscard]] QString clientId() const { return m_clientId; }
    [[nodiscard]] RawWebSocket &webSocket() { return m_webSocket; }

    [[nodiscard]] bool send(const QJsonObject &frame);
    [[nodiscard]] bool sendText(const QByteArray &text) { return m_webSocket.send(textFrame(text)); }

    /// The next text frame; nullopt and why() for the end, a Close, or a frame that is no JSON object.
    [[nodiscard]] std::optional<QJsonObject> next(std::chrono::milliseconds patience = kPatience);
    /// The next one of this type; others before it are dropped, but not an `error`.
    [[nodiscard]] std::optional<QJsonObject> nextOf(const QString &type);
    [[nodiscard]] const Problem &why() const { return m_why; }
    /// The code of the Close that next() met, if it did.
    [[nodiscard]] std::optional<int> closeCode() const { return m_closeCode; }

    /// The next frame is this one, field for field.
    [[nodiscard]] Problem expect(const QJsonObject &expected);
    /// The next frame is an `error` with this code and a text for people.
    [[nodiscard]] Problem expectError(const QString &code);
    /// v2: publishes to a room that it is in; its ack and its own copy of the message come.
    [[nodiscard]] Problem chats(const QString &room, const QString &content);
    /// v2: auth with these fields; the ack, or why().
    [[nodiscard]] std::optional<QJsonObject> authenticate(QJsonObject fields);
    /// Says goodbye, and is answered; what was under way before the answer is dropped.
    [[nodiscard]] Problem closeNormally();
    /// Reads until the server's Close, which must have this code, and the end of TCP.
    [[nodiscard]] Problem expectClose(int code);

private:
    RawWebSocket m_webSocket;
    QJsonObject m_connection;
    QString m_clientId;
    Problem m_why;
    std::optional<int> m_closeCode;
    int m_sent = 0; ///< messages, for their cid
};

[[nodiscard]] QString toText(const QJsonObject &frame);

} // namespace parlor::test
