// SPDX-License-Identifier: MIT
#include "tests/integration/redis/rediscase.h"

#include "tests/support/httpexchange.h"

#include <QDir>
#include <QStandardPaths>
#include <QTcpSocket>
#include <QTest>

using namespace Qt::StringLiterals;

namespace parlor::test {

bool FakeRedis::start(const QByteArray &answer, quint16 port)
{
    m_answer = answer;
    connect(&m_server, &QTcpServer::newConnection, this, [this] {
        ++m_connections;
        QTcpSocket *socket = m_server.nextPendingConnection();
        connect(socket, &QTcpSocket::readyRead, socket, [this, socket] { socket->write(m_answer); });
    });
    return m_server.listen(QHostAddress::LocalHost, port);
}

void RedisCase::initTestCase()
{
    if (QStandardPaths::findExecutable(u"redis-server"_s).isEmpty())
        QSKIP("redis-server is not installed");
}

std::unique_ptr<ServerProcess> RedisCase::server(const QString &url, const QStringList &more)
{
    return std::make_unique<ServerProcess>(
        ServerProcess::Settings{.program = u"parlor-server"_s,
                                .arguments = QStringList{u"--redis"_s, url, u"--rate"_s, u"0"_s} + more});
}

RedisCase::Ended RedisCase::run(const QStringList &arguments)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.setProcessEnvironment(plainEnvironment());
    process.start(QDir(qEnvironmentVariable("PARLOR_TEST_BIN")).filePath(u"parlor-server"_s),
                  QStringList{u"--listen"_s, u"127.0.0.1:0"_s} + arguments);
    // A fake Redis of this process must answer meanwhile.
    if (!QTest::qWaitFor([&process] { return process.state() == QProcess::NotRunning; }, 30'000)) {
        process.kill();
        process.waitForFinished();
        return {-1, u"it does not end: "_s + QString::fromUtf8(process.readAll())};
    }
    return {process.exitCode(), QString::fromUtf8(process.readAll())};
}

Problem RedisCase::join(RawChat &chat, quint16 port, const QString &room)
{
    if (const Problem problem = chat.open(port, Dialect::V2); !problem.isEmpty())
        return problem;
    if (!chat.send({{u"type"_s, u"join"_s}, {u"room"_s, room}}) || !chat.nextOf(u"sync"_s))
        return chat.why();
    return {};
}

QJsonObject RedisCase::publish(RawChat &chat, const QString &room, const QString &cid)
{
    if (!chat.send({{u"type"_s, u"message"_s}, {u"room"_s, room}, {u"content"_s, cid}, {u"cid"_s, cid}}))
        return {};
    while (const auto frame = chat.next()) {
        const QString type = frame->value("type"_L1).toString();
        if (type == u"error"_s || (type == u"ack"_s && frame->contains("cid"_L1)))
            return *frame;
    }
    return {};
}

Problem RedisCase::publishAtLast(RawChat &chat, const QString &room, const QString &cid)
{
    QJsonObject answer;
    const bool isKept = QTest::qWaitFor(
        [&] {
            answer = publish(chat, room, cid);
            return answer.isEmpty() || answer.value("type"_L1) == u"ack"_s;
        },
        30'000);
    return isKept && !answer.isEmpty() ? Problem() : toText(answer) + chat.why();
}

double RedisCase::metric(const ServerProcess &server, const QByteArray &name)
{
    const QByteArray body = '\n' + exchange(server.port(), getRequest("/metrics")).body;
    const qsizetype at = body.indexOf(QByteArray('\n' + name + ' '));
    if (at < 0)
        return -1;
    const qsizetype begin = at + name.size() + 2;
    return body.mid(begin, body.indexOf('\n', begin) - begin).toDouble();
}

} // namespace parlor::test
