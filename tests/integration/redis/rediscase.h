// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/rawchat.h"
#include "tests/support/redisprocess.h"
#include "tests/support/serverprocess.h"

#include <QTcpServer>

#include <memory>

namespace parlor::test {

/// Answers whatever it is asked with the same bytes, as something does that is no Redis, or an old one.
class FakeRedis : public QObject
{
    Q_OBJECT
public:
    /// False: the port is taken. 0: any free one.
    [[nodiscard]] bool start(const QByteArray &answer, quint16 port = 0);
    [[nodiscard]] QString url() const
    {
        return QStringLiteral("redis://127.0.0.1:%1").arg(m_server.serverPort());
    }
    [[nodiscard]] int connections() const { return m_connections; }

private:
    QTcpServer m_server;
    QByteArray m_answer;
    int m_connections = 0;
};

/// A test that is skipped where redis-server is not installed.
class RedisCase : public QObject
{
    Q_OBJECT
protected Q_SLOTS:
    void initTestCase();

protected:
    /// A server that uses the Redis at this address.
    [[nodiscard]] static std::unique_ptr<ServerProcess> server(const QString &url,
                                                               const QStringList &more = {});
    /// Runs the server's program to its end: its exit code, and what it said.
    struct Ended
    {
        int code = -1;
        QString said;
    };
    [[nodiscard]] static Ended run(const QStringList &arguments);
    /// Joins a new client (v2) to this room; its position is known.
    [[nodiscard]] static Problem join(RawChat &chat, quint16 port, const QString &room);
    /// Publishes; the `ack`, or the `error`, whatever else comes before it. Empty: none came.
    [[nodiscard]] static QJsonObject publish(RawChat &chat, const QString &room, const QString &cid);
    /// Publishes until it is acknowledged.
    [[nodiscard]] static Problem publishAtLast(RawChat &chat, const QString &room, const QString &cid);
    /// One of a server's own metrics; -1: it has none of this name.
    [[nodiscard]] static double metric(const ServerProcess &server, const QByteArray &name);
};

} // namespace parlor::test
