// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/rawchat.h"
#include "tests/support/serverprocess.h"

#include <QObject>
#include <QStringList>

#include <optional>

namespace parlor::test {

/// Base of the hostile test classes: a server, and a good client in the room `lobby`. After each row the good
/// client chats, the descriptors are back, and in the end the server exits with 0.
class HostileTest : public QObject
{
    Q_OBJECT
public:
    /// A number of the server's own metrics, by its name with labels; 0 where there is none.
    [[nodiscard]] static double metricOf(const ServerProcess &server, const QByteArray &name);

protected:
    /// `options`: beside those that keep the good client silent between rows. `descriptors`: the server's
    /// limit.
    explicit HostileTest(const QStringList &options = {}, std::optional<int> descriptors = {});

    [[nodiscard]] std::uint16_t port() const { return m_server.port(); }
    [[nodiscard]] ServerProcess &server() { return m_server; }
    [[nodiscard]] RawChat &goodClient() { return m_good; }
    /// The good client gets what it says back.
    [[nodiscard]] Problem goodClientChats(const QString &content = QStringLiteral("still here? Grüße, 你好"));

    /// How often this server closed a connection with this code, by its own count.
    [[nodiscard]] int closesWith(int code) const { return closesOf(m_server, code); }
    [[nodiscard]] static int closesOf(const ServerProcess &server, int code);

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void cleanupTestCase();

private:
    ServerProcess m_server;
    RawChat m_good;
    int m_descriptors = 0; ///< with the good client alone
};

} // namespace parlor::test
