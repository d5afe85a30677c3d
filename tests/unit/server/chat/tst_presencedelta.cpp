// SPDX-License-Identifier: MIT
#include "server/chat/presencedelta.h"

#include "shared/protocol/limits.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;
using What = delivery::PresenceChanged::What;

namespace {

delivery::PresenceChanged change(const char *id, What what, std::uint64_t count)
{
    return {std::make_shared<const std::string>("r"), std::make_shared<const Identity>(Identity{id, id, id}),
            what, Departure::Left, count};
}

} // namespace

class TestPresenceDelta : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void netChanges();
    void whatCancelsOutIsNotTold();
    void exceptToWhoSawItInBetween();
    void repeatedJoinsAreForV1Only();
    void crowdsAreToldOfAFew();
};

void TestPresenceDelta::netChanges()
{
    PresenceDelta delta;
    delta.note(change("A", What::Joined, 2));
    delta.note(change("B", What::Left, 1));
    QCOMPARE(delta.take("r"),
             std::string(R"({"type":"presence","room":"r","joined":[{"id":"A","user":"A","username":"A"}],)"
                         R"("left":[{"id":"B","reason":"left"}],"count":1})"));
    QVERIFY(delta.isEmpty());
    QVERIFY(delta.take("r").empty());
}

void TestPresenceDelta::whatCancelsOutIsNotTold()
{
    PresenceDelta delta;
    delta.note(change("A", What::Joined, 2));
    delta.note(change("A", What::Left, 1));
    QVERIFY(delta.take("r").empty());
    delta.note(change("A", What::Left, 1));
    delta.note(change("A", What::Joined, 2));
    QVERIFY(delta.take("r").empty());
}

void TestPresenceDelta::exceptToWhoSawItInBetween()
{
    PresenceDelta delta;
    delta.note(change("A", What::Left, 1));
    delta.noteSnapshot(); // a roster without A
    delta.note(change("A", What::Joined, 2));
    QVERIFY(delta.take("r").find(R"("joined":[{"id":"A")") != std::string::npos);
    delta.noteSnapshot(); // nothing is pending: nothing to remember
    delta.note(change("A", What::Left, 1));
    delta.note(change("A", What::Joined, 2));
    QVERIFY(delta.take("r").empty());
}

void TestPresenceDelta::repeatedJoinsAreForV1Only()
{
    PresenceDelta delta;
    delta.note(change("A", What::JoinedAgain, 1));
    QVERIFY(delta.isEmpty());
}

void TestPresenceDelta::crowdsAreToldOfAFew()
{
    PresenceDelta delta;
    for (std::uint64_t i = 1; i <= 5000; ++i)
        delta.note(change(std::to_string(i).c_str(), What::Joined, i));
    const std::string frame = delta.take("r");
    QVERIFY(frame.ends_with(R"("left":[],"count":5000,"truncated":true})"));
    std::size_t listed = 0;
    for (std::size_t at = frame.find("\"id\""); at != std::string::npos; at = frame.find("\"id\"", at + 1))
        ++listed;
    QCOMPARE(listed, PresenceDelta::kMostInCrowd);
    QVERIFY(delta.isEmpty()); // and nothing of it comes later

    // A crowd that leaves is one until it has left.
    for (std::uint64_t i = 5000; i > 10; --i)
        delta.note(change(std::to_string(i).c_str(), What::Left, i - 1));
    QVERIFY(delta.take("r").ends_with(R"("count":10,"truncated":true})"));

    // Those who change nothing take no place from those who do.
    for (std::uint64_t i = 0; i < 100; ++i) {
        const std::string restless = "a" + std::to_string(i);
        delta.note(change(restless.c_str(), What::Left, 1999));
        delta.note(change(restless.c_str(), What::Joined, 2000));
    }
    delta.noteSnapshot();
    delta.note(change("new", What::Joined, 2001));
    const std::string mixed = delta.take("r");
    QVERIFY(mixed.find(R"("id":"new")") != std::string::npos);
    QVERIFY(mixed.ends_with(R"("truncated":true})"));

    // Where a roster has place for all, all are told of.
    for (std::uint64_t i = 1; i <= limits::kMembersPage; ++i)
        delta.note(change(std::to_string(i).c_str(), What::Joined, i));
    QVERIFY(delta.take("r").ends_with(R"("left":[],"count":1000})"));
}

PARLOR_TEST(TestPresenceDelta)
#include "tst_presencedelta.moc"
