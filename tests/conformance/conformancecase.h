// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/rawwebsocket.h"
#include "tests/support/serverprocess.h"

#include <QByteArray>
#include <QList>
#include <QObject>

#include <optional>

namespace parlor::test {

/// One conversation with an echo server: what the client sends, and all that the server owes for it, in
/// order.
struct Case
{
    QList<QByteArray> sends{}; ///< each a write of its own
    QList<ServerFrame> owed{};
    /// The code of the Close that the server owes after that. nullopt: none; the client then closes with
    /// 1000.
    std::optional<int> closedWith{};
    qsizetype chop = 0; ///< the writes are cut in pieces of this size; 0: not
};

inline constexpr const char *kEchoToken = "conformance";
/// A request head that the echo server takes.
[[nodiscard]] inline QByteArray echoUpgrade()
{
    return RawWebSocket::upgradeRequest("/ws", QByteArray("Authorization: Bearer ") + kEchoToken + "\r\n");
}

/// Plays it on a connection of its own, to the end of TCP, which is the server's to make.
[[nodiscard]] Problem play(std::uint16_t port, const Case &conversation);

[[nodiscard]] inline ServerFrame echoedText(const QByteArray &payload)
{
    return {Text, payload};
}
[[nodiscard]] inline ServerFrame echoedBinary(const QByteArray &payload)
{
    return {Binary, payload};
}
[[nodiscard]] inline ServerFrame ponged(const QByteArray &payload)
{
    return {Pong, payload};
}

/// Text of exactly this many bytes in which every place differs from its neighbours', some of it beyond
/// ASCII.
[[nodiscard]] QByteArray sampleText(qsizetype bytes);
[[nodiscard]] QByteArray sampleBinary(qsizetype bytes);

/// Base of the groups' test classes: an echo server for all of its cases, which must end well. Upgrades have
/// to show a token, as on a server that lets in those alone whom somebody vouches for.
class EchoTest : public QObject
{
    Q_OBJECT
protected:
    [[nodiscard]] std::uint16_t port() const { return m_server.port(); }
    [[nodiscard]] const ServerProcess &server() const { return m_server; }
    /// Adds a row with one Case.
    static void add(const char *name, const Case &conversation);
    static void addColumn() { QTest::addColumn<Case>("conversation"); }
    void playRow() const;

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();

private:
    ServerProcess m_server{{.program = QStringLiteral("parlor-echo"),
                            .arguments = {QStringLiteral("--token"), QString::fromLatin1(kEchoToken)}}};
};

} // namespace parlor::test

Q_DECLARE_METATYPE(parlor::test::Case)
