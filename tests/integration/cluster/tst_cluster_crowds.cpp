// SPDX-License-Identifier: MIT
// What a crowd costs Redis, by its own count.
#include "tests/integration/cluster/cluster.h"
#include "tests/support/rawchat.h"
#include "tests/support/testclass.h"

#include <QJsonArray>
#include <QTest>

#include <algorithm>
#include <sys/resource.h>

using namespace parlor::test;
using namespace Qt::StringLiterals;

class ClusterCrowdsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void whoResumeShareOneRead();
    void aStormOfJoins();

private:
    std::unique_ptr<Cluster> m_cluster;
};

namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int kCrowd = 500;
#else
constexpr int kCrowd = 5000;
#endif
constexpr int kStorm = 1000;
/// More than the page that a room's first use reads.
constexpr int kMessages = 300;
const QString kBusy = u"busy"_s;

/// As it is: thousands of lists of a thousand members would take long to parse.
QByteArray syncOf(RawChat &chat)
{
    while (const auto frame = chat.webSocket().readFrame()) {
        if (frame->payload.startsWith("{\"type\":\"sync\""))
            return frame->payload;
    }
    return chat.webSocket().why().toUtf8();
}

} // namespace

void ClusterCrowdsTest::initTestCase()
{
    if (!Cluster::isInstalled())
        QSKIP("redis-server or haproxy is not installed");
    rlimit limit{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 2 * kCrowd);
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &limit), 0); // the servers inherit it
    if (limit.rlim_cur < kCrowd + 500)
        QSKIP("this account may not open enough descriptors");
    // A server waits for a client that serves thousands of connections one after the other.
    m_cluster =
        std::make_unique<Cluster>(QStringList{u"--inbound-rate"_s, u"0"_s, u"--stall-timeout"_s, u"0"_s,
                                              u"--queue-limit"_s, u"0"_s, u"--ping"_s, u"0"_s});
    PARLOR_EXPECT(m_cluster->start());
}

void ClusterCrowdsTest::whoResumeShareOneRead()
{
    RawChat speaker;
    PARLOR_EXPECT(speaker.openAndJoin(m_cluster->server(0).port(), Dialect::V2, kBusy));
    QJsonObject first;
    for (int i = 0; i < kMessages; ++i) {
        QVERIFY(speaker.send({{u"type"_s, u"message"_s},
                              {u"room"_s, kBusy},
                              {u"content"_s, u"hi"_s},
                              {u"cid"_s, QString::number(i)}}));
        const auto message = speaker.nextOf(u"message"_s);
        QVERIFY2(message, qPrintable(speaker.why()));
        if (i == 0)
            first = *message;
    }
    QVERIFY(speaker.send({{u"type"_s, u"history"_s}, {u"room"_s, kBusy}}));
    const auto page = speaker.nextOf(u"history"_s);
    QVERIFY(page);
    const QJsonObject since{
        {u"epoch"_s, page->value("epoch"_L1)}, {u"seq"_s, 1}, {u"id"_s, first.value("id"_L1)}};

    // Another server, which has not had the room yet.
    std::vector<RawChat> crowd(kCrowd);
    for (RawChat &each : crowd)
        PARLOR_EXPECT(each.open(m_cluster->server(1).port(), Dialect::V2));
    const qint64 before = m_cluster->calls(u"xrange"_s);
    for (RawChat &each : crowd)
        QVERIFY(each.send({{u"type"_s, u"join"_s}, {u"room"_s, kBusy}, {u"since"_s, since}}));
    for (RawChat &each : crowd) {
        const QByteArray sync = syncOf(each);
        QVERIFY2(sync.contains("\"recovered\":true") && sync.contains("\"seq\":2,"),
                 sync.left(300).constData());
    }
    QCOMPARE(m_cluster->calls(u"xrange"_s) - before, 1);
}

/// Presence of many who come at once is told in few calls, and nobody's join reads anything by itself.
void ClusterCrowdsTest::aStormOfJoins()
{
    const QString room = u"storm"_s;
    RawChat one;
    PARLOR_EXPECT(one.openAndJoin(m_cluster->server(2).port(), Dialect::V2, room));
    std::vector<RawChat> crowd(kStorm);
    for (RawChat &each : crowd)
        PARLOR_EXPECT(each.open(m_cluster->server(2).port(), Dialect::V2));
    const qint64 before = m_cluster->calls(u"evalsha"_s);
    const qint64 reads = m_cluster->calls(u"xrevrange"_s) + m_cluster->calls(u"xrange"_s);
    for (RawChat &each : crowd)
        QVERIFY(each.send({{u"type"_s, u"join"_s}, {u"room"_s, room}}));
    for (RawChat &each : crowd)
        QVERIFY(syncOf(each).startsWith('{'));
    const qint64 scripts = m_cluster->calls(u"evalsha"_s) - before;
    qInfo("%d joins: %lld calls of scripts", kStorm, scripts);
    QCOMPARE(m_cluster->calls(u"xrevrange"_s) + m_cluster->calls(u"xrange"_s) - reads, 0);
    QVERIFY2(scripts <= kStorm / 10,
             qPrintable(u"%1 calls of scripts for %2 joins"_s.arg(scripts).arg(kStorm)));
}

PARLOR_TEST_WITHIN(QCoreApplication, ClusterCrowdsTest)
#include "tst_cluster_crowds.moc"
