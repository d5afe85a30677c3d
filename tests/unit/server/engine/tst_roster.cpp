// SPDX-License-Identifier: MIT
// Who is in a room that other servers have, too.
#include "server/engine/roster.h"
#include "tests/support/testclass.h"
#include "tests/unit/server/engine/engineprobe.h"

#include <QTest>

using namespace parlor;
using Came = Roster::Came;
using Presence = Roster::Presence;

namespace {

const Ulid kEast(1, 1);
const Ulid kWest(2, 2);

IdentityPtr identity(const char *id, const char *name = nullptr)
{
    return std::make_shared<const Identity>(Identity{id, id, name ? name : id});
}

std::string members(const Roster &roster, const char *after = "", std::uint32_t limit = 100)
{
    std::string text;
    for (const IdentityPtr &each : roster.after(after, limit))
        text += each->username() + ' ';
    return text;
}

} // namespace

class TestRoster : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void isAUnion();
    void whoeverMovesIsThereOnce();
    void whoeverComesBackIsThereOnce();
    void twoServersHaveOne();
    void namesChange();
    void pages();
    void allBecomeLive();

private:
    Caller caller(const char *id, const char *name = nullptr) { return {&m_port, {}, identity(id, name), 1}; }
    ProbePort m_port;
};

void TestRoster::isAUnion()
{
    Roster roster;
    QVERIFY(roster.enter(caller("B"), Presence::Live) == Came::New);
    QVERIFY(roster.enterElsewhere({kEast, identity("A")}).came == Came::New);
    QVERIFY(roster.enterElsewhere({kEast, identity("C")}).came == Came::New);
    QCOMPARE(roster.size(), std::uint64_t(3));
    QCOMPARE(roster.placeCount(), std::uint64_t(1));
    QCOMPARE(members(roster), std::string("A B C "));
    QVERIFY(!roster.removeElsewhere(kWest, "A")); // it is not there
    QVERIFY(roster.removeElsewhere(kEast, "A") != nullptr);
    QVERIFY(!roster.removeElsewhere(kEast, "A"));
    QCOMPARE(members(roster), std::string("B C "));
    QCOMPARE(roster.size(), std::uint64_t(2));
}

void TestRoster::whoeverMovesIsThereOnce()
{
    Roster roster;
    const Caller a = caller("A");
    (void)roster.enter(a, Presence::Live);
    // Its connection here lives yet.
    auto elsewhere = roster.enterElsewhere({kEast, identity("A")});
    QVERIFY(elsewhere.came == Came::Again && !elsewhere.moved);
    QCOMPARE(roster.size(), std::uint64_t(1));
    roster.setPresence(a, Presence::Suspended);
    elsewhere = roster.enterElsewhere({kEast, identity("A")});
    QVERIFY(elsewhere.came == Came::Again && elsewhere.moved);
    QCOMPARE(roster.placeCount(), std::uint64_t(0)); // its place here is given up
    QCOMPARE(roster.size(), std::uint64_t(1));
    QVERIFY(!roster.remove(a)); // as its grace ends
    QCOMPARE(members(roster), std::string("A "));
    QVERIFY(roster.removeElsewhere(kEast, "A") != nullptr);
    QCOMPARE(roster.size(), std::uint64_t(0));
}

void TestRoster::whoeverComesBackIsThereOnce()
{
    Roster roster;
    (void)roster.enterElsewhere({kEast, identity("A")});
    const Caller a = caller("A");
    QVERIFY(roster.enter(a, Presence::Live) == Came::Again);
    QCOMPARE(roster.size(), std::uint64_t(1));
    QVERIFY(!roster.removeElsewhere(kEast, "A")); // it has not left the room
    QVERIFY(roster.remove(a) != nullptr);
    QVERIFY(!roster.isElsewhere("A"));
    QCOMPARE(roster.size(), std::uint64_t(0));
}

void TestRoster::twoServersHaveOne()
{
    Roster roster;
    (void)roster.enterElsewhere({kEast, identity("A")});
    QVERIFY(roster.enterElsewhere({kWest, identity("A")}).came == Came::Again);
    QCOMPARE(roster.elsewhere().size(), std::size_t(2));
    QCOMPARE(roster.size(), std::uint64_t(1));
    QVERIFY(!roster.removeElsewhere(kEast, "A"));
    QCOMPARE(roster.size(), std::uint64_t(1));
    QVERIFY(roster.removeElsewhere(kWest, "A") != nullptr);
    QCOMPARE(roster.size(), std::uint64_t(0));
}

void TestRoster::namesChange()
{
    Roster roster;
    (void)roster.enterElsewhere({kEast, identity("A", "Ann")});
    QVERIFY(roster.enterElsewhere({kEast, identity("A", "Ann")}).came == Came::Again);
    QVERIFY(roster.enterElsewhere({kEast, identity("A", "Anna")}).came == Came::AgainRenamed);
    QVERIFY(roster.enterElsewhere({kWest, identity("A", "Annie")}).came == Came::AgainRenamed);
    QCOMPARE(members(roster), std::string("Annie ")); // the newest
    QVERIFY(roster.enter(caller("A", "Ann"), Presence::Live) == Came::AgainRenamed);
    QCOMPARE(members(roster), std::string("Ann "));
}

void TestRoster::pages()
{
    Roster roster;
    for (const char *id : {"B", "D", "E"})
        (void)roster.enter(caller(id), Presence::Live);
    for (const char *id : {"A", "C", "D", "F"})
        (void)roster.enterElsewhere({kEast, identity(id)});
    QCOMPARE(members(roster), std::string("A B C D E F "));
    QCOMPARE(members(roster, "B", 2), std::string("C D "));
    QVERIFY(roster.hasMoreThan(roster.after("B", 2)));
    QVERIFY(!roster.hasMoreThan(roster.after("D", 2)));
}

void TestRoster::allBecomeLive()
{
    Roster roster;
    const Caller slow = caller("A");
    const Caller gone = caller("B");
    (void)roster.enter(slow, Presence::CatchingUp);
    (void)roster.enter(gone, Presence::Live);
    roster.setPresence(gone, Presence::Suspended);
    int ports = 0;
    roster.forEachPort([&ports](DeliveryPort *) { ++ports; });
    QCOMPARE(ports, 0);
    roster.makeAllLive();
    roster.forEachPort([&ports](DeliveryPort *) { ++ports; });
    QCOMPARE(ports, 1);
    QVERIFY(roster.find(gone)->presence == Presence::Suspended);
}

PARLOR_TEST(TestRoster)
#include "tst_roster.moc"
