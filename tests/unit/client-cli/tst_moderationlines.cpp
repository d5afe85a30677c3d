// SPDX-License-Identifier: MIT
#include "client-cli/chat/moderationlines.h"
#include "client-cli/chat/shownmessages.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;
using namespace parlor::cli;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

using Action = ModerationAct::Action;

namespace {

ChatMessage messageOf(quint64 seq, const QString &user, std::optional<DeletedBy> deletedBy = {})
{
    ChatMessage message;
    message.room = u"general"_s;
    message.seq = seq;
    message.id = u"id%1"_s.arg(seq);
    message.user = user;
    message.deletedBy = std::move(deletedBy);
    return message;
}

} // namespace

/// Whom and what a moderator means, and what is said of it.
class TestModerationLines : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void acts_data();
    void acts();
    void whatIsNotUnderstood_data();
    void whatIsNotUnderstood();
    void lines_data();
    void lines();
    void refusals();
    void theLastMessageOfSomebody();
    void onlyTheNewestAreRemembered();

private:
    const QList<KnownPerson> m_people{{u"ann"_s, u"Ann"_s},
                                      {u"ann-2"_s, u"Ann Lee"_s},
                                      {u"bob-1"_s, u"Bob"_s},
                                      {u"bob-2"_s, u"Bob"_s},
                                      {u"10m"_s, u"kick"_s},
                                      {u"bob"_s, u"ann"_s},
                                      {u"zoe@example.org"_s, u"Zoe"_s},
                                      {u"zoe@example.org"_s, u"Zoë"_s}};
};

void TestModerationLines::acts_data()
{
    QTest::addColumn<Action>("action");
    QTest::addColumn<QString>("text");
    QTest::addColumn<ModerationAct>("act");
    const auto row = [](Action action, const QString &text, const ModerationAct &act) {
        QTest::newRow(qPrintable(u"%1 %2"_s.arg(int(action)).arg(text))) << action << text << act;
    };
    row(Action::Kick, u"Ann"_s, {.action = Action::Kick, .user = u"ann"_s});
    row(Action::Kick, u"Ann Lee 10m of shouting"_s,
        {.action = Action::Kick, .user = u"ann-2"_s, .reason = u"10m of shouting"_s});
    row(Action::Kick, u"Ann Leeds"_s, {.action = Action::Kick, .user = u"ann"_s, .reason = u"Leeds"_s});
    row(Action::Kick, u"ann"_s, {.action = Action::Kick, .user = u"ann"_s}); // the id comes before the name
    row(Action::Kick, u"bob-2"_s, {.action = Action::Kick, .user = u"bob-2"_s});
    row(Action::Kick, u"Zoë"_s, {.action = Action::Kick, .user = u"zoe@example.org"_s});
    row(Action::Ban, u"id:stranger  7d  come back later"_s,
        {.action = Action::Ban, .user = u"stranger"_s, .duration = 168h, .reason = u"come back later"_s});
    row(Action::Ban, u"Ann 90s"_s, {.action = Action::Ban, .user = u"ann"_s, .duration = 90s});
    row(Action::Ban, u"Ann for good"_s, {.action = Action::Ban, .user = u"ann"_s, .reason = u"for good"_s});
    row(Action::Ban, u"10m 10m"_s, {.action = Action::Ban, .user = u"10m"_s, .duration = 10min});
    row(Action::Ban, u"192.0.2.7"_s, {.action = Action::Ban, .network = u"192.0.2.7"_s});
    row(Action::Ban, u"2001:db8::/32 2h bots"_s,
        {.action = Action::Ban, .network = u"2001:db8::/32"_s, .duration = 2h, .reason = u"bots"_s});
    row(Action::Unban, u"192.0.2.0/24"_s, {.action = Action::Unban, .network = u"192.0.2.0/24"_s});
    row(Action::Unban, u"id:12"_s, {.action = Action::Unban, .user = u"12"_s});
    row(Action::Mute, u"Ann 10m"_s,
        {.action = Action::Mute, .user = u"ann"_s, .room = u"general"_s, .duration = 10min});
    row(Action::Ban, u"Ann 1500ms"_s, {.action = Action::Ban, .user = u"ann"_s, .duration = 1500ms});
    row(Action::Mute, u"id:192.0.2.7"_s,
        {.action = Action::Mute, .user = u"192.0.2.7"_s, .room = u"general"_s});
    row(Action::Unmute, u"Ann"_s, {.action = Action::Unmute, .user = u"ann"_s, .room = u"general"_s});
    row(Action::Slow, u"10s"_s, {.action = Action::Slow, .room = u"general"_s, .interval = 10s});
    row(Action::Slow, u"off"_s, {.action = Action::Slow, .room = u"general"_s, .interval = 0ms});
    row(Action::Slow, u"0"_s, {.action = Action::Slow, .room = u"general"_s, .interval = 0ms});
}

void TestModerationLines::acts()
{
    QFETCH(Action, action);
    QFETCH(QString, text);
    QFETCH(ModerationAct, act);
    const auto read = readModeration(action, text, u"general"_s, m_people);
    QVERIFY2(read, read ? "" : read.error().text.c_str());
    QCOMPARE(*read, act);
}

void TestModerationLines::whatIsNotUnderstood_data()
{
    QTest::addColumn<Action>("action");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("room");
    QTest::addColumn<QString>("says");
    QTest::newRow("two of one name") << Action::Ban << u"Bob 10m"_s << u"general"_s
                                     << u"several people are called Bob; give the id: bob-1, bob-2"_s;
    QTest::newRow("nobody's name") << Action::Mute << u"Anna 10m"_s << u"general"_s
                                   << u"nobody here is called 'Anna'"_s;
    QTest::newRow("nobody's id") << Action::Unban << u"id:"_s << u"general"_s
                                 << u"nobody here is called 'id:'"_s;
    QTest::newRow("no time at all") << Action::Ban << u"Ann 0s"_s << u"general"_s << u"'0s' is no time"_s;
    QTest::newRow("no time") << Action::Slow << u"often"_s << u"general"_s << u"'often' is no time"_s;
    QTest::newRow("a wrong unit") << Action::Ban << u"Ann 1w spam"_s << u"general"_s << u"'1w' is no time"_s;
    QTest::newRow("no unit") << Action::Mute << u"Ann 30"_s << u"general"_s << u"'30' is no time"_s;
    QTest::newRow("a time and more") << Action::Slow << u"10s please"_s << u"general"_s << u"is no time"_s;
    QTest::newRow("mute in no room") << Action::Mute << u"Ann"_s << QString() << u"you are in no room"_s;
    QTest::newRow("slow in no room") << Action::Slow << u"10s"_s << QString() << u"you are in no room"_s;
}

void TestModerationLines::whatIsNotUnderstood()
{
    QFETCH(Action, action);
    QFETCH(QString, text);
    QFETCH(QString, room);
    QFETCH(QString, says);
    const auto read = readModeration(action, text, room, m_people);
    QVERIFY(!read);
    const QString problem = QString::fromStdString(read.error().text);
    QVERIFY2(problem.contains(says), qUtf8Printable(problem));
}

void TestModerationLines::lines_data()
{
    QTest::addColumn<ModerationAct>("act");
    QTest::addColumn<QString>("line");
    const auto row = [](const ModerationAct &act, const QString &line) {
        QTest::newRow(qPrintable(line)) << act << line;
    };
    row({.action = Action::Kick, .user = u"ann"_s}, u"kicked Ann (ann)"_s);
    row({.action = Action::Kick, .user = u"stranger"_s}, u"kicked the user id stranger"_s);
    row({.action = Action::Ban, .user = u"ann"_s, .duration = 120min}, u"banned Ann (ann) for 2h"_s);
    row({.action = Action::Ban, .user = u"ann"_s}, u"banned Ann (ann), without an end"_s);
    row({.action = Action::Ban, .network = u"192.0.2.0/24"_s, .duration = 90s},
        u"banned 192.0.2.0/24 for 90s"_s);
    row({.action = Action::Unban, .user = u"ann"_s}, u"no longer banned: Ann (ann)"_s);
    row({.action = Action::Mute, .user = u"ann"_s, .room = u"general"_s, .duration = 24h},
        u"muted Ann (ann) in #general for 1d"_s);
    row({.action = Action::Unmute, .user = u"ann"_s, .room = u"general"_s},
        u"no longer muted in #general: Ann (ann)"_s);
    row({.action = Action::Slow, .room = u"general"_s, .interval = 10s},
        u"slow mode in #general: each person may write once in 10s"_s);
    row({.action = Action::Slow, .room = u"general"_s, .interval = 0ms}, u"slow mode is off in #general"_s);
}

void TestModerationLines::lines()
{
    QFETCH(ModerationAct, act);
    QFETCH(QString, line);
    QCOMPARE(doneLine(act, m_people), line);
}

void TestModerationLines::refusals()
{
    QCOMPARE(refusedLine({.action = Action::Mute, .user = u"ann"_s, .room = u"general"_s}, m_people,
                         {u"forbidden"_s, u"only moderators may"_s}),
             u"cannot mute Ann (ann) in #general: only moderators may (forbidden)"_s);
    QCOMPARE(refusedLine({.action = Action::Slow, .room = u"general"_s}, m_people, {{}, u"not connected"_s}),
             u"cannot slow in #general: not connected"_s);
}

void TestModerationLines::theLastMessageOfSomebody()
{
    ShownMessages shown;
    const auto say = [&shown](quint64 seq, const QString &user, std::optional<DeletedBy> deletedBy = {}) {
        shown.add(messageOf(seq, user, std::move(deletedBy)));
    };
    say(1, u"ann"_s);
    say(2, u"bob"_s);
    say(3, u"ann"_s);
    say(4, u"ann"_s, DeletedBy{});
    QCOMPARE(shown.last(u"general"_s, u"ann"_s)->seq, 3U);
    QVERIFY(!shown.last(u"general"_s, u"zoe"_s));
    QVERIFY(!shown.last(u"other"_s, u"ann"_s));
    QCOMPARE(shown.remove(u"general"_s, u"id3"_s)->user, u"ann"_s);
    QVERIFY2(!shown.remove(u"general"_s, u"id3"_s), "it was told already");
    QVERIFY2(!shown.remove(u"general"_s, u"id4"_s), "it was shown as deleted");
    QCOMPARE(shown.last(u"general"_s, u"ann"_s)->seq, 1U);
}

void TestModerationLines::onlyTheNewestAreRemembered()
{
    ShownMessages shown;
    for (qsizetype seq = 0; seq <= ShownMessages::kPerRoom; ++seq)
        shown.add(messageOf(static_cast<quint64>(seq), u"ann"_s));
    QCOMPARE(shown.of(u"general"_s).size(), ShownMessages::kPerRoom);
    QVERIFY(!shown.remove(u"general"_s, u"id0"_s));
    QVERIFY(shown.remove(u"general"_s, u"id1"_s));
}

PARLOR_TEST_WITHIN(QCoreApplication, TestModerationLines)
#include "tst_moderationlines.moc"
