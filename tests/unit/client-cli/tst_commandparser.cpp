// SPDX-License-Identifier: MIT
#include "client-cli/chat/commandparser.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor::cli;
using namespace Qt::StringLiterals;

class TestCommandParser : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void understood();
    void wrong_data();
    void wrong();
    void helpNamesEveryCommand();
};

void TestCommandParser::understood()
{
    using namespace command;
    using enum parlor::ModerationAct::Action;
    const std::vector<std::pair<QString, Command>> rows{
        {u""_s, Nothing{}},
        {u"   "_s, Nothing{}},
        {u"hello"_s, Say{u"hello"_s}},
        {u" /join x"_s, Say{u" /join x"_s}},
        {u"//join x"_s, Say{u"/join x"_s}},
        {u"//"_s, Say{u"/"_s}},
        {u"/join random"_s, Join{u"random"_s}},
        {u"/join   random  "_s, Join{u"random"_s}},
        {u"/leave"_s, Leave{}},
        {u"/leave random"_s, Leave{u"random"_s}},
        {u"/who"_s, Who{}},
        {u"/who random"_s, Who{u"random"_s}},
        {u"/rooms"_s, Rooms{}},
        {u"/rooms ge"_s, Rooms{u"ge"_s}},
        {u"/nick Ann Other"_s, Nick{u"Ann Other"_s}},
        {u"/ping"_s, Ping{}},
        {u"/connect"_s, Connect{}},
        {u"/raw {\"type\":\"ping\"}"_s, Raw{u"{\"type\":\"ping\"}"_s}},
        {u"/outbox"_s, ListOutbox{}},
        {u"/resend"_s, Resend{}},
        {u"/resend all"_s, Resend{}},
        {u"/resend 2"_s, Resend{2}},
        {u"/discard 1"_s, Discard{1}},
        {u"/delete"_s, Delete{}},
        {u"/delete Ann Lee"_s, Delete{u"Ann Lee"_s}},
        {u"/kick Ann  go away"_s, Moderate{Kick, u"Ann  go away"_s}},
        {u"/ban 192.0.2.0/24 7d"_s, Moderate{Ban, u"192.0.2.0/24 7d"_s}},
        {u"/unban Ann"_s, Moderate{Unban, u"Ann"_s}},
        {u"/mute Ann"_s, Moderate{Mute, u"Ann"_s}},
        {u"/unmute Ann"_s, Moderate{Unmute, u"Ann"_s}},
        {u"/slow off"_s, Moderate{Slow, u"off"_s}},
        {u"/help"_s, Help{}},
        {u"/quit"_s, Quit{}},
    };
    for (const auto &[line, command] : rows)
        QVERIFY2(parseCommand(line) == command, qUtf8Printable(line));
}

void TestCommandParser::wrong_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("problem");
    QTest::newRow("unknown") << u"/dance now"_s << u"no command /dance"_s;
    QTest::newRow("only a slash") << u"/"_s << u"no command /"_s;
    QTest::newRow("case matters") << u"/JOIN x"_s << u"no command /JOIN"_s;
    QTest::newRow("join nowhere") << u"/join"_s << u"/join ROOM"_s;
    QTest::newRow("nick empty") << u"/nick  "_s << u"/nick NAME"_s;
    QTest::newRow("raw empty") << u"/raw"_s << u"/raw JSON"_s;
    QTest::newRow("kick nobody") << u"/kick"_s << u"/kick USER [WHY]"_s;
    QTest::newRow("ping with") << u"/ping x"_s << u"/ping"_s;
    QTest::newRow("resend what") << u"/resend x"_s << u"'x' is no message's number"_s;
    QTest::newRow("discard zero") << u"/discard 0"_s << u"'0' is no message's number"_s;
}

void TestCommandParser::wrong()
{
    QFETCH(QString, line);
    QFETCH(QString, problem);
    const Command command = parseCommand(line);
    const auto *wrong = std::get_if<command::Wrong>(&command);
    QVERIFY(wrong);
    QVERIFY2(wrong->problem.contains(problem), qUtf8Printable(wrong->problem));
}

void TestCommandParser::helpNamesEveryCommand()
{
    const QString help = commandHelp().join(u'\n');
    for (const auto *name : {"/join",   "/leave",   "/who",    "/rooms",  "/nick", "/ping", "/raw",
                             "/resend", "/discard", "/outbox", "/delete", "/kick", "/ban",  "/unban",
                             "/mute",   "/unmute",  "/slow",   "/help",   "/quit", "//"})
        QVERIFY2(help.contains(QLatin1String(name)), name);
}

PARLOR_TEST(TestCommandParser)
#include "tst_commandparser.moc"
