// SPDX-License-Identifier: MIT
// Who is there, over three servers: also when one of them dies, and when somebody moves.
#include "tests/integration/cluster/cluster.h"
#include "tests/integration/cluster/watcher.h"
#include "tests/support/testclass.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QTest>

using namespace parlor::test;
using namespace Qt::StringLiterals;

class ClusterPresenceTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void listsAreOfAllServers();
    void whoMovesIsNoNews();
    void membersOfADeadServerLeave();

private:
    std::unique_ptr<Cluster> m_cluster;
};

namespace {

const QString kRoom = u"general"_s;

QStringList sorted(QStringList list)
{
    list.sort();
    return list;
}

} // namespace

void ClusterPresenceTest::initTestCase()
{
    if (!Cluster::isInstalled())
        QSKIP("redis-server or haproxy is not installed");
    m_cluster = std::make_unique<Cluster>(QStringList{u"--ping"_s, u"0"_s});
    PARLOR_EXPECT(m_cluster->start());
}

void ClusterPresenceTest::listsAreOfAllServers()
{
    std::array<Watcher, Cluster::kServers> everybody;
    QStringList ids;
    for (std::size_t i = 0; i < everybody.size(); ++i) {
        PARLOR_EXPECT(everybody[i].open(m_cluster->server(i).port(), u"Person %1"_s.arg(i)));
        PARLOR_EXPECT(everybody[i].join(u"hall"_s));
        PARLOR_EXPECT(everybody[i].join(u"room-%1"_s.arg(i)));
        ids += everybody[i].id();
    }
    const QStringList allRooms{u"general 0"_s, u"hall 3"_s,   u"random 0"_s, u"room-0 1"_s,
                               u"room-1 1"_s,  u"room-2 1"_s, u"support 0"_s};
    for (Watcher &each : everybody) {
        // A server hears a moment later of the others' arrivals, and of each room apart.
        QStringList named;
        (void)QTest::qWaitFor(
            [&] {
                const QJsonObject rooms = each.ask({{u"type"_s, u"rooms"_s}}, u"rooms"_s);
                named.clear();
                for (const QJsonValue &room : rooms[u"rooms"].toArray())
                    named += u"%1 %2"_s.arg(room[u"name"].toString()).arg(room[u"count"].toInt());
                return named == allRooms;
            },
            5'000);
        QCOMPARE(named, allRooms);
        const auto who = each.ask({{u"type"_s, u"who"_s}, {u"room"_s, u"hall"_s}}, u"room_users"_s);
        QCOMPARE(who[u"count"].toInt(), 3);
        QCOMPARE(sorted(each.members()), sorted(ids));
    }
    for (Watcher &each : everybody)
        PARLOR_EXPECT(each.closeNormally());
}

/// The older connection is closed on whichever server it is. Somebody who comes later is the fence: what was
/// told of the move came before that.
void ClusterPresenceTest::whoMovesIsNoNews()
{
    std::array<Watcher, Cluster::kServers> watchers;
    for (std::size_t i = 0; i < watchers.size(); ++i) {
        PARLOR_EXPECT(watchers[i].open(m_cluster->server(i).port(), u"Watcher"_s));
        PARLOR_EXPECT(watchers[i].join(kRoom));
    }
    Watcher old;
    PARLOR_EXPECT(old.open(m_cluster->server(0).port(), u"Ann"_s));
    PARLOR_EXPECT(old.join(kRoom));
    for (Watcher &each : watchers) {
        while (!each.changes().contains(u'+' + old.id()))
            QVERIFY(!each.next(u"presence"_s).isEmpty());
    }
    Watcher moved;
    PARLOR_EXPECT(moved.open(m_cluster->server(1).port(), {}, old.token()));
    QCOMPARE(moved.id(), old.id());
    QVERIFY(old.next(u"no such frame"_s).isEmpty());
    QCOMPARE(old.closeCode(), 4007);
    PARLOR_EXPECT(moved.join(kRoom));

    Watcher fence;
    PARLOR_EXPECT(fence.open(m_cluster->server(2).port(), u"Fence"_s));
    PARLOR_EXPECT(fence.join(kRoom));
    for (Watcher &each : watchers) {
        while (!each.changes().contains(u'+' + fence.id()))
            QVERIFY(!each.next(u"presence"_s).isEmpty());
        QVERIFY2(!each.changes().contains(u'-' + old.id()), qPrintable(each.changes().join(u' ')));
        QCOMPARE(each.changes().count(u'+' + old.id()), 1);
        QCOMPARE(each.members().count(old.id()), 1);
    }
}

/// Nobody else says for them that they are gone: the others wait 15 s at least, and then say it once. Who has
/// come to another server meanwhile has never been away.
void ClusterPresenceTest::membersOfADeadServerLeave()
{
    std::array<Watcher, 2> watchers;
    for (std::size_t i = 0; i < watchers.size(); ++i) {
        PARLOR_EXPECT(watchers[i].open(m_cluster->server(i + 1).port(), u"Watcher"_s));
        PARLOR_EXPECT(watchers[i].join(kRoom));
    }
    Watcher mover;
    Watcher lost;
    PARLOR_EXPECT(mover.open(m_cluster->server(0).port(), u"Mover"_s));
    PARLOR_EXPECT(mover.join(kRoom));
    PARLOR_EXPECT(lost.open(m_cluster->server(0).port(), u"Lost"_s));
    PARLOR_EXPECT(lost.join(kRoom));
    for (Watcher &each : watchers) {
        while (!each.changes().contains(u'+' + mover.id()) || !each.changes().contains(u'+' + lost.id()))
            QVERIFY(!each.next(u"presence"_s).isEmpty());
    }
    QElapsedTimer sinceDeath;
    sinceDeath.start();
    m_cluster->server(0).kill();
    Watcher moved;
    PARLOR_EXPECT(moved.open(m_cluster->server(1).port(), {}, mover.token()));
    PARLOR_EXPECT(moved.join(kRoom));
    for (Watcher &each : watchers) {
        while (!each.changes().contains(u'-' + lost.id()))
            QVERIFY2(!each.next(u"presence"_s, std::chrono::seconds(45)).isEmpty(), "nobody leaves");
        qInfo("the dead server's member left after %lld s", sinceDeath.elapsed() / 1000);
        QVERIFY2(sinceDeath.elapsed() >= 15'000, qPrintable(QString::number(sinceDeath.elapsed())));
    }
    for (Watcher &each : watchers) {
        (void)each.next(u"no such frame"_s, std::chrono::seconds(6)); // a refresh of each server
        QCOMPARE(each.changes().count(u'-' + lost.id()), 1);
        QVERIFY2(!each.changes().contains(u'-' + mover.id()), qPrintable(each.changes().join(u' ')));
        QCOMPARE(each.changes().count(u'+' + mover.id()), 1);
        const QJsonObject who = each.ask({{u"type"_s, u"who"_s}, {u"room"_s, kRoom}}, u"room_users"_s);
        QCOMPARE(who[u"count"].toInt(), 3);
        QCOMPARE(each.members().count(mover.id()), 1);
    }
}

PARLOR_TEST_WITHIN(QCoreApplication, ClusterPresenceTest)
#include "tst_cluster_presence.moc"
