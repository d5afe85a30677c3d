// SPDX-License-Identifier: MIT
#include "server/chat/presencedelta.h"

#include <QTest>

using namespace parlor;
using What = delivery::PresenceChanged::What;

namespace {

delivery::PresenceChanged change(const char *id, What what, std::uint64_t count)
{
    return {std::make_shared<const std::string>("r"), std::make_shared<const Identity>(Identity{id, id, id}),
            what, what == What::Left ? "left" : "", count};
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

QTEST_APPLESS_MAIN(TestPresenceDelta)
#include "tst_presencedelta.moc"
