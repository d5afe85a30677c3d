// SPDX-License-Identifier: MIT
#include "client-cli/chat/chatlines.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;
using namespace parlor::cli;
using namespace Qt::StringLiterals;

class TestChatLines : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { qputenv("TZ", "UTC"); }
    void messages_data();
    void messages();
    void deletions_data();
    void deletions();
    void colours();
    void presence();
    void members();
    void namesakes_data();
    void namesakes();
    void rooms();

private:
    static QList<RoomMember> people(std::initializer_list<const char *> names)
    {
        QList<RoomMember> list;
        for (const char *name : names)
            list.append({QString::fromUtf8(name), {}, QString::fromUtf8(name)});
        return list;
    }
};

void TestChatLines::messages_data()
{
    QTest::addColumn<QString>("username");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("timestamp");
    QTest::addColumn<QString>("line");
    const QString noon = u"2026-01-31T12:05:00.000Z"_s;
    QTest::newRow("plain") << u"alice"_s << u"hi"_s << noon << u"12:05 #general alice: hi"_s;
    QTest::newRow("further lines") << u"alice"_s << u"hi\n12:06 #general root: x"_s << noon
                                   << u"12:05 #general alice: hi\n    12:06 #general root: x"_s;
    QTest::newRow("escapes") << u"al\x1b[2Jice"_s
                             << u"\x9b"
                                u"2J"_s
                             << noon << u"12:05 #general al\\x1b[2Jice: \\x9b2J"_s;
    QTest::newRow("guest") << u"01M8H1DQ6GZX3K9V5T2B8R7F3K"_s << u"hi"_s << noon
                           << u"12:05 #general Guest 7F3K: hi"_s;
    QTest::newRow("no time") << u"alice"_s << u"hi"_s << u"soon\x1b[2J"_s << u"--:-- #general alice: hi"_s;
    QTest::newRow("placeholders stay") << u"%1"_s << u"%2 %3"_s << noon << u"12:05 #general %1: %2 %3"_s;
}

void TestChatLines::messages()
{
    QFETCH(QString, username);
    QFETCH(QString, text);
    QFETCH(QString, timestamp);
    QFETCH(QString, line);
    ChatMessage message;
    message.room = u"general"_s;
    message.username = username;
    message.text = text;
    message.timestamp = timestamp;
    QCOMPARE(messageLine(message, MessageSource::Live, Speaker::Other, Palette(Palette::Use::Never)), line);
}

void TestChatLines::deletions_data()
{
    QTest::addColumn<QString>("user");
    QTest::addColumn<QString>("username");
    QTest::addColumn<QString>("what");
    QTest::newRow("of another") << u"bob"_s << u"Bob\x1b[2J"_s << u"Ann deleted a message of Bob\\x1b[2J"_s;
    QTest::newRow("of a namesake") << u"ann-2"_s << u"Ann"_s << u"Ann deleted a message of Ann"_s;
    QTest::newRow("of the author") << u"ann"_s << u"Ann as she was"_s << u"Ann deleted a message"_s;
}

void TestChatLines::deletions()
{
    QFETCH(QString, user);
    QFETCH(QString, username);
    QFETCH(QString, what);
    const DeletedBy ann{u"ann"_s, u"Ann"_s, u"2026-01-31T12:30:00.000Z"_s};
    const QString noon = u"2026-01-31T12:05:00.000Z"_s;
    QCOMPARE(deletionLine({u"general"_s, u"id1"_s, ann}, {{}, user, username}, noon),
             what + u" in #general (12:05)");
    ChatMessage message;
    message.room = u"general"_s;
    message.user = user;
    message.username = username;
    message.timestamp = noon;
    message.deletedBy = ann;
    QCOMPARE(messageLine(message, MessageSource::Backlog, Speaker::Other, Palette(Palette::Use::Never)),
             u"12:05 #general * " + what);
}

void TestChatLines::colours()
{
    const Palette palette(Palette::Use::Always);
    ChatMessage message;
    message.username = u"alice"_s;
    message.text = u"hi"_s;
    QVERIFY(
        messageLine(message, MessageSource::Live, Speaker::Self, palette).contains(palette.bold(u"alice"_s)));
    // one person in two sessions, and two persons of one name
    const auto line = [&](const QString &session, const QSet<QString> &namesakes) {
        message.sender = message.user = session;
        return messageLine(message, MessageSource::Live, Speaker::Other, palette, namesakes);
    };
    QVERIFY(palette.named(u"alice"_s, u"s1"_s) != palette.named(u"alice"_s, u"s2"_s));
    QCOMPARE(line(u"s1"_s, {}), line(u"s2"_s, {}));
    QVERIFY(line(u"s1"_s, {u"alice"_s}) != line(u"s2"_s, {u"alice"_s}));
    QVERIFY(messageLine(message, MessageSource::Live, Speaker::Other, palette).endsWith(u": hi"_s));
    QVERIFY(
        messageLine(message, MessageSource::Backlog, Speaker::Other, palette).endsWith(palette.dim(u"hi"_s)));
}

void TestChatLines::presence()
{
    QCOMPARE(presenceLines(u"general"_s, {people({"a", "b"}), people({"c"}), 5}),
             (QStringList{u"a, b entered #general"_s, u"c left #general"_s}));
    QCOMPARE(presenceLines(u"general"_s, {people({"a", "b", "c", "d", "e", "f", "g"}), {}, 9}),
             QStringList{u"a, b, c, d, e, and 2 more entered #general"_s});
    QCOMPARE(presenceLines(u"general"_s, {people({"a\rb"}), {}, 1}),
             QStringList{u"a\\x0db entered #general"_s});
    QCOMPARE(presenceLines(u"general"_s, {people({"01M8H1DQ6GZX3K9V5T2B8R7F3K"}), {}, 1}),
             QStringList{u"Guest 7F3K entered #general"_s});
    QVERIFY(presenceLines(u"general"_s, {}).isEmpty());
}

void TestChatLines::members()
{
    QCOMPARE(membersLine(u"general"_s, people({"bob", "Alice"}), 2), u"#general has 2: Alice, bob"_s);
    QCOMPARE(membersLine(u"general"_s, people({"bob"}), 1001), u"#general has 1001: bob, and 1000 more"_s);
}

void TestChatLines::namesakes_data()
{
    QTest::addColumn<QList<RoomMember>>("members");
    QTest::addColumn<QString>("list");
    const auto member = [](const char *user, const char *name) {
        return RoomMember{u"session"_s, QString::fromUtf8(user), QString::fromUtf8(name)};
    };
    QTest::newRow("two persons") << QList{member("01J9ZQ4W7NAAAA", "ann"), member("01J9ZQ4W7NBBBB", "ann"),
                                          member("01J9ZQ4W7NCCCC", "bob")}
                                 << u"ann (…AAAA), ann (…BBBB), bob"_s;
    QTest::newRow("alike at the end")
        << QList{member("01J9Q1CCCC", "ann"), member("01J9Q2CCCC", "ann")} << u"ann (…1CCCC), ann (…2CCCC)"_s;
    QTest::newRow("one person twice")
        << QList{member("01J9ZQ4W7N", "ann"), member("01J9ZQ4W7N", "ann")} << u"ann, ann"_s;
    QTest::newRow("guests") << QList{member("01M8H1DQ6GZX3K9V5T2B8R7F3K", "01M8H1DQ6GZX3K9V5T2B8R7F3K"),
                                     member("x", "ann")}
                            << u"ann, Guest 7F3K"_s;
    QTest::newRow("short ids") << QList{member("x", "ann"), member("y", "ann")} << u"ann (…x), ann (…y)"_s;
}

void TestChatLines::namesakes()
{
    QFETCH(QList<RoomMember>, members);
    QFETCH(QString, list);
    QCOMPARE(membersLine(u"general"_s, members, static_cast<quint64>(members.size())),
             u"#general has %1: %2"_s.arg(members.size()).arg(list));
}

void TestChatLines::rooms()
{
    QCOMPARE(roomLines({{u"general"_s, 3, 9}}, true),
             (QStringList{u"#general: 3 here, 9 messages"_s,
                          u"there are more; /rooms PREFIX narrows the list"_s}));
    QCOMPARE(roomLines({}, false), QStringList{u"no room's name begins so"_s});
}

PARLOR_TEST(TestChatLines)
#include "tst_chatlines.moc"
