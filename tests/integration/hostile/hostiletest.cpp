// SPDX-License-Identifier: MIT
#include "tests/integration/hostile/hostiletest.h"

#include "tests/support/httpexchange.h"

#include <QElapsedTimer>

namespace parlor::test {

namespace {

const QString kLobby = QStringLiteral("lobby");
constexpr int kDescriptorPatience = 20'000; // ms; a connection that will not end lingers for a while

/// No pings and no rates: rows follow each other faster than any person types, and read only their own
/// connections.
QStringList withDefaults(const QStringList &options)
{
    QStringList all{QStringLiteral("--ping"), QStringLiteral("0")};
    for (const QString &rate : {QStringLiteral("--rate"), QStringLiteral("--inbound-rate")})
        if (!options.contains(rate))
            all << rate << QStringLiteral("0");
    return all + options;
}

/// The number once it stays the same for a while: a connection may end a moment after its client has gone.
int settledDescriptors(const ServerProcess &server)
{
    int last = server.openDescriptors();
    QElapsedTimer same;
    same.start();
    (void)QTest::qWaitFor(
        [&] {
            if (const int now = server.openDescriptors(); now != last) {
                last = now;
                same.restart();
            }
            return same.elapsed() > 500;
        },
        kDescriptorPatience);
    return last;
}

} // namespace

HostileTest::HostileTest(const QStringList &options, std::optional<int> descriptors)
    : m_server({.program = QStringLiteral("parlor-server"),
                .arguments = withDefaults(options),
                .descriptors = descriptors})
{
}

Problem HostileTest::goodClientChats(const QString &content)
{
    return m_good.chats(kLobby, content);
}

int HostileTest::closesOf(const ServerProcess &server, int code)
{
    return int(metricOf(server, "parlor_closes_total{code=\"" + QByteArray::number(code) + "\"}"));
}

double HostileTest::metricOf(const ServerProcess &server, const QByteArray &name)
{
    const QByteArray body = '\n' + exchange(server.port(), getRequest("/metrics")).body;
    const QByteArray series = '\n' + name + ' ';
    const qsizetype at = body.indexOf(series);
    return at < 0 ? 0 : body.sliced(at + series.size()).split('\n').first().toDouble();
}

void HostileTest::initTestCase()
{
    PARLOR_EXPECT(m_server.start());
    PARLOR_EXPECT(m_good.openAndJoin(port(), Dialect::V2, kLobby));
    PARLOR_EXPECT(goodClientChats());
    PARLOR_EXPECT(
        exchange(port(), getRequest("/health")).check()); // whatever is made on first use, is made now
    m_descriptors = settledDescriptors(m_server);
}

void HostileTest::cleanup()
{
    PARLOR_EXPECT(goodClientChats());
    // QTRY_COMPARE looks twice, and in between the server may accept somebody who has gone already.
    int now = 0;
    const bool settled = QTest::qWaitFor(
        [&] {
            now = m_server.openDescriptors();
            return now == m_descriptors;
        },
        kDescriptorPatience);
    QVERIFY2(settled,
             qPrintable(QStringLiteral("%1 descriptors, %2 at the start").arg(now).arg(m_descriptors)));
    QVERIFY(m_server.isRunning());
}

void HostileTest::cleanupTestCase()
{
    QVERIFY(m_good.webSocket().send(closeFrame(1000)));
    PARLOR_EXPECT(m_good.expectClose(1000));
    m_good.webSocket().socket().close();
    PARLOR_EXPECT(m_server.stop());
}

} // namespace parlor::test
