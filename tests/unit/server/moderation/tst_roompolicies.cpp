// SPDX-License-Identifier: MIT
#include "server/moderation/rights.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;
using namespace std::chrono_literals;
using Deed = RoomPolicies::Deed;

namespace {

RoomPolicies policies(const std::vector<const char *> &texts)
{
    std::vector<RoomRule> rules;
    for (const char *each : texts)
        rules.push_back(parseRoomRule(each).value());
    return RoomPolicies(std::move(rules));
}

} // namespace

class TestRoomPolicies : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void patterns_data();
    void patterns();
    void rules();
    void wrongRules_data();
    void wrongRules();
    void theFirstRuleCounts();
    void rights();
};

void TestRoomPolicies::patterns_data()
{
    QTest::addColumn<QByteArray>("pattern");
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<bool>("matches");
    const auto row = [](const char *pattern, const char *name, bool matches) {
        QTest::addRow("%s %s", pattern, name) << QByteArray(pattern) << QByteArray(name) << matches;
    };
    row("general", "general", true);
    row("general", "general2", false);
    row("general", "genera", false);
    row("*", "anything", true);
    row("team-*", "team-", true);
    row("team-*", "team-a", true);
    row("team-*", "a-team-a", false);
    row("*-news", "de-news", true);
    row("*-news", "news", false);
    row("a*b*c", "abc", true);
    row("a*b*c", "a.b.b.c", true);
    row("a*b*c", "a.c.b", false);
    row("**a**", "ba", true);
    row("*a", "aaab", false);
    row("", "a", false);
}

void TestRoomPolicies::patterns()
{
    QFETCH(QByteArray, pattern);
    QFETCH(QByteArray, name);
    QFETCH(bool, matches);
    QCOMPARE(matchesPattern(pattern.toStdString(), name.toStdString()), matches);
}

void TestRoomPolicies::rules()
{
    const auto rule = parseRoomRule("news*  read=member write=moderator  make=nobody");
    QVERIFY(rule);
    QVERIFY((*rule == RoomRule{"news*", LeastRole::Member, LeastRole::Moderator, LeastRole::Nobody}));
    QCOMPARE(roomRuleText(*rule), std::string("news* read=all write=moderator make=nobody"));
    QVERIFY(parseRoomRule(roomRuleText(*rule)).value() == *rule);
    QVERIFY((parseRoomRule("staff read=admin").value() ==
             RoomRule{"staff", LeastRole::Admin, LeastRole::Member, LeastRole::Member}));
}

void TestRoomPolicies::wrongRules_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("hint");
    QTest::newRow("nothing") << QByteArray() << QByteArray("no pattern");
    QTest::newRow("no pattern") << QByteArray("read=all") << QByteArray("no pattern");
    QTest::newRow("capitals") << QByteArray("News read=all") << QByteArray("no pattern");
    QTest::newRow("another deed") << QByteArray("news delete=admin") << QByteArray("read=, write= and make=");
    QTest::newRow("another role") << QByteArray("news read=users") << QByteArray("the roles are");
    QTest::newRow("no role") << QByteArray("news read") << QByteArray("the roles are");
    QTest::newRow("twice") << QByteArray("news read=all write=admin read=nobody")
                           << QByteArray("has read= twice");
    QTest::newRow("commas") << QByteArray("news read=all,write=admin") << QByteArray("the roles are");
}

void TestRoomPolicies::wrongRules()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, hint);
    const auto rule = parseRoomRule(text.toStdString());
    QVERIFY(!rule);
    QVERIFY2(rule.error().text.find(hint.toStdString()) != std::string::npos, rule.error().text.c_str());
}

void TestRoomPolicies::theFirstRuleCounts()
{
    const RoomPolicies some =
        policies({"news-de write=admin", "news* write=moderator make=nobody", "staff* read=moderator"});
    QVERIFY(!some.may(Deed::Write, "news-de", Role::Moderator));
    QVERIFY(some.may(Deed::Write, "news-de", Role::Admin));
    QVERIFY(some.may(Deed::Make, "news-de", Role::Member));
    QVERIFY(some.may(Deed::Write, "news-fr", Role::Moderator));
    QVERIFY(!some.may(Deed::Make, "news-fr", Role::Admin));
    QVERIFY(some.may(Deed::Read, "news-fr", Role::Member));
    QVERIFY(!some.may(Deed::Read, "staff", Role::Member));
    QVERIFY(some.may(Deed::Read, "staff", Role::Moderator));
    QVERIFY(some.may(Deed::Write, "general", Role::Member));
    QVERIFY(RoomPolicies().may(Deed::Make, "general", Role::Member));
}

void TestRoomPolicies::rights()
{
    const RoomPolicies some = policies({"news write=moderator"});
    Sanctions sanctions;
    Sanction mute;
    mute.kind = Sanction::Kind::Mute;
    mute.user = "eve";
    mute.room = "general";
    mute.until = 100s;
    mute.reason = "enough";
    sanctions.put(mute);
    const std::string eve = "eve";
    const std::vector<std::string> rooms{"gen*", "news"};
    const auto why = [&](Deed deed, const char *room, Role role, std::chrono::milliseconds now) {
        const auto error = whyNot(deed, room, {eve, role, &rooms}, some, sanctions, now);
        if (error && error->code != ErrorCode::Forbidden)
            qFatal("another code");
        return error ? QByteArray::fromStdString(error->text) : QByteArray("may");
    };
    QCOMPARE(why(Deed::Read, "general", Role::Member, 0s), QByteArray("may"));
    QCOMPARE(why(Deed::Write, "general", Role::Member, 0s),
             QByteArray("you are muted in \"general\" until 1970-01-01T00:01:40.000Z: enough"));
    QCOMPARE(why(Deed::Write, "general", Role::Member, 100s), QByteArray("may"));
    QCOMPARE(why(Deed::Write, "general", Role::Moderator, 0s), QByteArray("may"));
    QCOMPARE(why(Deed::Write, "news", Role::Member, 0s),
             QByteArray("you may not write in the room \"news\""));
    QCOMPARE(why(Deed::Read, "news", Role::Member, 0s), QByteArray("may"));
    QCOMPARE(why(Deed::Read, "random", Role::Admin, 0s),
             QByteArray("your token is not for the room \"random\""));
    QVERIFY(!whyNot(Deed::Write, "random", {eve}, some, sanctions, 0s));
}

PARLOR_TEST(TestRoomPolicies)
#include "tst_roompolicies.moc"
