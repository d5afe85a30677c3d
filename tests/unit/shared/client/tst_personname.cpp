// SPDX-License-Identifier: MIT
#include "shared/client/personname.h"
#include "shared/client/roomroster.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;
using namespace Qt::StringLiterals;

class TestPersonName : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void names_data();
    void names();
    void coloursWithoutAccounts();
    void coloursWithAccounts();
    void namesakesComeAndGo();
    void namesakesAreRenamed();
};

void TestPersonName::names_data()
{
    QTest::addColumn<QString>("username");
    QTest::addColumn<QString>("shown");
    QTest::newRow("guest") << u"01M8H1DQ6GZX3K9V5T2B8R7F3K"_s << u"Guest 7F3K"_s;
    QTest::newRow("name") << u"Ann"_s << u"Ann"_s;
    QTest::newRow("nothing") << QString() << QString();
    QTest::newRow("a character short") << u"01M8H1DQ6GZX3K9V5T2B8R7F3"_s << u"01M8H1DQ6GZX3K9V5T2B8R7F3"_s;
    QTest::newRow("a character more") << u"01M8H1DQ6GZX3K9V5T2B8R7F3KX"_s << u"01M8H1DQ6GZX3K9V5T2B8R7F3KX"_s;
    QTest::newRow("lower case") << u"01m8h1dq6gzx3k9v5t2b8r7f3k"_s << u"01m8h1dq6gzx3k9v5t2b8r7f3k"_s;
    QTest::newRow("a letter that ids do not have")
        << u"01M8H1DQ6GZX3K9V5T2B8R7F3U"_s << u"01M8H1DQ6GZX3K9V5T2B8R7F3U"_s;
    QTest::newRow("no such time") << u"91M8H1DQ6GZX3K9V5T2B8R7F3K"_s << u"91M8H1DQ6GZX3K9V5T2B8R7F3K"_s;
    QTest::newRow("letters outside ASCII") << u"é"_s.repeated(26) << u"é"_s.repeated(26);
}

void TestPersonName::names()
{
    QFETCH(QString, username);
    QTEST(personName(username), "shown");
    QCOMPARE(isGuest(username), personName(username).startsWith(u"Guest "_s));
}

void TestPersonName::coloursWithoutAccounts()
{
    QCOMPARE(hueKey(u"a1"_s, u"a1"_s, u"Ann"_s, {}), hueKey(u"a2"_s, u"a2"_s, u"Ann"_s, {}));
    QCOMPARE(hueKey(u"a1"_s, {}, u"Ann"_s, {}), u"Ann"_s);
    QCOMPARE(hueKey(u"a1"_s, u"a1"_s, u"Ann"_s, {u"Ann"_s}), u"a1"_s);
    QCOMPARE(hueKey(u"a1"_s, {}, u"Ann"_s, {u"Ann"_s}), u"a1"_s);
    QCOMPARE(hueKey(u"a1"_s, u"a1"_s, u"Bob"_s, {u"Ann"_s}), u"Bob"_s);
    const QString guest = u"01M8H1DQ6GZX3K9V5T2B8R7F3K"_s;
    QCOMPARE(hueKey(guest, guest, guest, {}), u"Guest 7F3K"_s);
    QCOMPARE(hueKey(u"a1"_s, u"a1"_s, u"Guest 7F3K"_s, {u"Guest 7F3K"_s}), u"a1"_s);
}

void TestPersonName::coloursWithAccounts()
{
    QCOMPARE(hueKey(u"a1"_s, u"ann"_s, u"Ann"_s, {}), u"ann"_s);
    QCOMPARE(hueKey(u"a2"_s, u"ann"_s, u"Annie"_s, {u"Annie"_s}), u"ann"_s);
}

void TestPersonName::namesakesComeAndGo()
{
    RoomRoster roster;
    roster.reset({{u"1"_s, u"1"_s, u"Ann"_s}, {u"2"_s, u"2"_s, u"Bob"_s}}, 2);
    QCOMPARE(roster.namesakes(), QSet<QString>());
    (void)roster.apply({{u"3"_s, u"3"_s, u"Ann"_s}}, {}, 3);
    QCOMPARE(roster.namesakes(), QSet<QString>{u"Ann"_s});
    (void)roster.apply({{u"3"_s, u"3"_s, u"Ann"_s}}, {}, 3); // told again
    (void)roster.apply({{u"4"_s, u"4"_s, u"Ann"_s}}, {}, 4);
    (void)roster.apply({}, {u"1"_s}, 3);
    QCOMPARE(roster.namesakes(), QSet<QString>{u"Ann"_s});
    (void)roster.apply({}, {u"3"_s, u"nobody"_s}, 2);
    QCOMPARE(roster.namesakes(), QSet<QString>());
    // somebody who calls himself as a guest is called
    const QString guest = u"01M8H1DQ6GZX3K9V5T2B8R7F3K"_s;
    (void)roster.apply({{guest, guest, guest}, {u"5"_s, u"5"_s, u"Guest 7F3K"_s}}, {}, 4);
    QCOMPARE(roster.namesakes(), QSet<QString>{u"Guest 7F3K"_s});
    roster.reset({}, 0);
    QCOMPARE(roster.namesakes(), QSet<QString>());
}

void TestPersonName::namesakesAreRenamed()
{
    RoomRoster roster;
    roster.reset({{u"1"_s, u"1"_s, u"Ann"_s}, {u"2"_s, u"2"_s, u"Bob"_s}}, 2);
    (void)roster.rename(u"2"_s, u"Ann"_s);
    QCOMPARE(roster.namesakes(), QSet<QString>{u"Ann"_s});
    (void)roster.rename(u"1"_s, u"Bob"_s);
    QCOMPARE(roster.namesakes(), QSet<QString>());
}

PARLOR_TEST(TestPersonName)
#include "tst_personname.moc"
