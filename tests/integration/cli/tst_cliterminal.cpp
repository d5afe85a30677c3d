// SPDX-License-Identifier: MIT
#include "proxy.h"
#include "shared/client/storage/stores.h"
#include "terminal.h"
#include "tests/support/rawchat.h"
#include "tests/support/rawsocket.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"
#include "tests/support/tokenissuer.h"

#include <QDir>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <memory>

using namespace parlor::test;
using namespace Qt::StringLiterals;

/// The person's side of `parlor-cli chat`.
class TestCliTerminal : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void chats();
    void incomingLinesLeaveTheTypedOneWhole();
    void editsAndRemembersLines();
    void linesOfTwoChats();
    void commands();
    void pasteIsNotSentUntilEnter();
    void pasteIsEdited();
    void pasteInPieces();
    void pasteRunsNoCommand();
    void pasteMarksEndWithTheProgram();
    void stopsAndGoesOn();
    void loneEscapeStopsNothing();
    void controlDLeaves();
    void controlCLeaves();
    void controlZStops();
    void controlZWhereStopIsIgnored();
    void leavesBeforeThereIsAConnection();
    void colours();
    void dumbTerminal_data();
    void dumbTerminal();
    void outageIsShown();
    void discardsWhatWaits();
    void leavesAtOnceWhenAllIsSaid();
    void warnsBeforeItDropsWhatWaits_data();
    void warnsBeforeItDropsWhatWaits();
    void saysWhatIsUndecided();
    void saysThatItIgnoresLines();
    void killedWhileOffline();
    void whatIsMissingBelowIsSaid_data();
    void whatIsMissingBelowIsSaid();
    void keepsNothing_data();
    void keepsNothing();
    void moderates();

private:
    [[nodiscard]] QString address() const { return u"localhost:%1"_s.arg(m_server->port()); }
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<ServerProcess> m_server;
};

void TestCliTerminal::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_server = std::make_unique<ServerProcess>(ServerProcess::Settings{u"parlor-server"_s});
    PARLOR_EXPECT(m_server->start());
}

void TestCliTerminal::cleanup()
{
    if (m_server->isRunning())
        PARLOR_EXPECT(m_server->stop());
}

void TestCliTerminal::chats()
{
    Terminal terminal({address(), u"-n"_s, u"alice"_s}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    PARLOR_EXPECT(terminal.shows(u"#general> "_s));
    terminal.type("gr\xc3\xbc\xc3\x9f dich\r");
    PARLOR_EXPECT(terminal.shows(u"#general alice: grüß dich"_s));
    terminal.type("//help\r");
    PARLOR_EXPECT(terminal.shows(u"alice: /help"_s));
    terminal.type("/quit\r");
    QCOMPARE(terminal.exitCode(), 0);
    QVERIFY(terminal.shown().contains("code 1000"));
}

void TestCliTerminal::incomingLinesLeaveTheTypedOneWhole()
{
    Terminal terminal({address(), u"-n"_s, u"alice"_s}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    terminal.type("half a li");
    PARLOR_EXPECT(terminal.shows(u"half a li"_s));
    RawChat bob;
    PARLOR_EXPECT(bob.open(m_server->port(), Dialect::V1));
    QVERIFY(bob.sendText("\x1b[2Jsurprise"));
    PARLOR_EXPECT(terminal.shows(u"\\x1b[2Jsurprise\r\n"_s));
    PARLOR_EXPECT(terminal.shows(u"#general> half a li"_s)); // drawn anew below it
    terminal.type("ne\r");
    PARLOR_EXPECT(terminal.shows(u"alice: half a line"_s));
}

void TestCliTerminal::editsAndRemembersLines()
{
    {
        Terminal terminal({address(), u"-n"_s, u"alice"_s}, m_folder->path());
        PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
        terminal.type("wrld\x1b[D\x1b[D\x1b[Do\r"); // three to the left, and the missing letter
        PARLOR_EXPECT(terminal.shows(u"alice: world"_s));
        terminal.type("\x1b[A!\r");
        PARLOR_EXPECT(terminal.shows(u"alice: world!"_s));
        terminal.type("/quit\r");
        QCOMPARE(terminal.exitCode(), 0);
    }
    const QString file = m_folder->filePath(u"parlor/chat-history"_s);
    QCOMPARE(QFile::permissions(file) & (QFileDevice::ReadGroup | QFileDevice::ReadOther),
             QFileDevice::Permissions());
    Terminal terminal({address(), u"-n"_s, u"alice"_s}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    terminal.type("\x1b[A\x1b[A\x1b[A again\r");
    PARLOR_EXPECT(terminal.shows(u"alice: world again"_s));
}

/// Each keeps what was entered in it, however it ends.
void TestCliTerminal::linesOfTwoChats()
{
    {
        Terminal one({address(), u"-n"_s, u"alice"_s}, m_folder->path());
        Terminal two({address(), u"-n"_s, u"bob"_s}, m_folder->path());
        PARLOR_EXPECT(one.shows(u"joined #general"_s));
        PARLOR_EXPECT(two.shows(u"joined #general"_s));
        one.type("from one\r");
        PARLOR_EXPECT(two.shows(u"alice: from one"_s));
        two.type("from two\r");
        PARLOR_EXPECT(one.shows(u"bob: from two"_s));
        two.type("/quit\r");
        QCOMPARE(two.exitCode(), 0);
        ::kill(static_cast<pid_t>(one.pid()), SIGKILL);
        QCOMPARE(one.exitCode(), -1);
    }
    Terminal terminal({address(), u"-n"_s, u"carol"_s}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    for (const auto &line : {u"/quit"_s, u"from two"_s, u"from one"_s}) {
        terminal.type("\x1b[A");
        PARLOR_EXPECT(terminal.shows(u"#general> "_s + line));
    }
}

void TestCliTerminal::commands()
{
    Terminal terminal({address(), u"-n"_s, u"alice"_s}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    terminal.type("/join random\r");
    PARLOR_EXPECT(terminal.shows(u"joined #random"_s));
    PARLOR_EXPECT(terminal.shows(u"#random> "_s));
    terminal.type("/who\r");
    PARLOR_EXPECT(terminal.shows(u"#random has 1: alice"_s));
    terminal.type("/rooms ran\r");
    PARLOR_EXPECT(terminal.shows(u"#random: 1 here, 0 messages"_s));
    terminal.type("/nick Ann\r");
    PARLOR_EXPECT(terminal.shows(u"your name is now Ann"_s));
    terminal.type("/ping\r");
    PARLOR_EXPECT(terminal.shows(u"ms to the server and back"_s));
    terminal.type("/raw {\"type\":\"dance\",\"rid\":5}\r");
    PARLOR_EXPECT(terminal.shows(u"\"rid\":5,\"code\":\"unknown_type\""_s));
    terminal.type("/dance\r");
    PARLOR_EXPECT(terminal.shows(u"there is no command /dance"_s));
    terminal.type("/leave\r");
    PARLOR_EXPECT(terminal.shows(u"left #random"_s));
    PARLOR_EXPECT(terminal.shows(u"#general> "_s));
    terminal.type("/help\r");
    PARLOR_EXPECT(terminal.shows(u"/discard"_s));
    terminal.type("/outbox\r");
    PARLOR_EXPECT(terminal.shows(u"everything is sent"_s));
}

void TestCliTerminal::pasteIsNotSentUntilEnter()
{
    Terminal terminal({address(), u"-n"_s, u"alice"_s}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    PARLOR_EXPECT(terminal.shows(u"#general> "_s));
    RawChat bob;
    PARLOR_EXPECT(bob.open(m_server->port(), Dialect::V1));
    terminal.type("\x1b[200~one\r  two\nthree\r\x1b[201~");
    PARLOR_EXPECT(terminal.shows(u"one⏎  two⏎three⏎"_s));
    QVERIFY(bob.sendText("meanwhile"));
    PARLOR_EXPECT(terminal.shows(u"meanwhile\r\n"_s));
    QVERIFY(!terminal.shown().contains("alice: one"));
    PARLOR_EXPECT(terminal.shows(u"#general> one⏎  two⏎three⏎"_s)); // still there, and whole
    terminal.type("\r");
    PARLOR_EXPECT(terminal.shows(u"#general alice: one\r\n      two\r\n    three\r\n"_s));
    terminal.type("/raw {\"type\":\"history\",\"rid\":5,\"room\":\"general\"}\r");
    PARLOR_EXPECT(terminal.shows(u"one\\n  two\\nthree\""_s)); // one message, of three lines
    terminal.type("\x1b[A\x1b[A!\r");                          // from the history of lines
    PARLOR_EXPECT(terminal.shows(u"#general alice: one\r\n      two\r\n    three!"_s));
}

void TestCliTerminal::pasteIsEdited()
{
    Terminal terminal({address(), u"-n"_s, u"alice"_s}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    terminal.type(
        "say \x1b[D\x1b[D\x1b[200~\x03\x04\x15\x1b[31mgr\xc3\xbc\xc3\x9f\tdich\x7f\x1b[201~\x05!\r");
    PARLOR_EXPECT(terminal.shows(u"#general alice: sa[31mgrüß    dichy !"_s));
    terminal.type("\x1b[200~\x1b[201~\xe2\x8f\x8e is typed\r");
    PARLOR_EXPECT(terminal.shows(u"#general alice: ↵ is typed"_s));
}

void TestCliTerminal::pasteInPieces()
{
    Terminal terminal({address(), u"-n"_s, u"alice"_s}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    PARLOR_EXPECT(terminal.shows(u"#general> "_s));
    RawChat bob;
    PARLOR_EXPECT(bob.open(m_server->port(), Dialect::V1));
    terminal.type("\x1b[200~first\rsec");
    QVERIFY(bob.sendText("a long time passes"));
    PARLOR_EXPECT(terminal.shows(u"a long time passes"_s));
    terminal.type("ond\r\x1b[20");
    QVERIFY(bob.sendText("and some more"));
    PARLOR_EXPECT(terminal.shows(u"and some more"_s));
    QVERIFY(!terminal.shown().contains("alice: first"));
    terminal.type("1~\r");
    PARLOR_EXPECT(terminal.shows(u"#general alice: first\r\n    second\r\n"_s));
}

void TestCliTerminal::pasteRunsNoCommand()
{
    Terminal terminal({address(), u"-n"_s, u"alice"_s}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    terminal.type("\x1b[200~/quit\r/quit\r\x1b[201~\r");
    PARLOR_EXPECT(terminal.shows(u"there is no command /quit\\n/quit"_s));
    terminal.type("still here\r");
    PARLOR_EXPECT(terminal.shows(u"alice: still here"_s));
}

void TestCliTerminal::pasteMarksEndWithTheProgram()
{
    Terminal terminal({address(), u"-n"_s, u"alice"_s}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"\x1b[?2004h"_s));
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    ::kill(static_cast<pid_t>(terminal.pid()), SIGINT);
    QCOMPARE(terminal.exitCode(), 0);
    PARLOR_EXPECT(terminal.shows(u"\x1b[?2004l"_s));
    QVERIFY(terminal.shown().lastIndexOf("\x1b[?2004h") < terminal.shown().lastIndexOf("\x1b[?2004l"));
}

void TestCliTerminal::stopsAndGoesOn()
{
    Terminal terminal({address(), u"-n"_s, u"alice"_s}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    terminal.type("half a li");
    PARLOR_EXPECT(terminal.shows(u"half a li"_s));
    QVERIFY(!terminal.hasEcho());
    ::kill(static_cast<pid_t>(terminal.pid()), SIGTSTP);
    PARLOR_EXPECT(terminal.shows(u"\x1b[?2004l"_s));
    ::kill(static_cast<pid_t>(terminal.pid()), SIGCONT);
    PARLOR_EXPECT(terminal.shows(u"\x1b[?2004h"_s));
    PARLOR_EXPECT(terminal.shows(u"#general> half a li"_s));
    QVERIFY(!terminal.hasEcho());
    terminal.type("ne\r");
    PARLOR_EXPECT(terminal.shows(u"alice: half a line"_s));
}

void TestCliTerminal::loneEscapeStopsNothing()
{
    Terminal terminal({address(), u"-n"_s, u"alice"_s}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    terminal.type("\x1b");
    RawChat bob;
    PARLOR_EXPECT(bob.open(m_server->port(), Dialect::V1));
    QVERIFY(bob.sendText("still there?"));
    PARLOR_EXPECT(terminal.shows(u"still there?"_s));
    terminal.type("yes\r");
    PARLOR_EXPECT(terminal.shows(u"alice: yes"_s));
}

void TestCliTerminal::controlDLeaves()
{
    Terminal terminal({address(), u"-n"_s, u"alice"_s}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    terminal.type("xabc\x01\x04\r"); // to the start of the line, where it deletes
    PARLOR_EXPECT(terminal.shows(u"alice: abc"_s));
    terminal.type("\x04");
    QCOMPARE(terminal.exitCode(), 0);
}

void TestCliTerminal::controlCLeaves()
{
    Terminal terminal({address(), u"-n"_s, u"alice"_s}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    terminal.type("half a li\x03");
    QCOMPARE(terminal.exitCode(), 0);
    QVERIFY(terminal.shown().contains("code 1000"));
}

void TestCliTerminal::controlZStops()
{
    Terminal terminal({address(), u"-n"_s, u"alice"_s}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    terminal.type("half a li");
    PARLOR_EXPECT(terminal.shows(u"half a li"_s));
    terminal.type("\x1a"); // no shell is there to continue it, so the system lets it go on at once
    PARLOR_EXPECT(terminal.shows(u"\x1b[?2004l"_s));
    PARLOR_EXPECT(terminal.shows(u"#general> half a li"_s));
    terminal.type("ne\r");
    PARLOR_EXPECT(terminal.shows(u"alice: half a line"_s));
}

/// As a shell without job control starts it: nobody could continue it.
void TestCliTerminal::controlZWhereStopIsIgnored()
{
    Terminal terminal({address(), u"-n"_s, u"alice"_s}, m_folder->path(), {.ignoresStop = true});
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    terminal.type("half a li\x1ane\r");
    PARLOR_EXPECT(terminal.shows(u"alice: half a line"_s));
    QVERIFY(!terminal.shown().contains("\x1b[?2004l")); // it kept the terminal
}

void TestCliTerminal::leavesBeforeThereIsAConnection()
{
    PARLOR_EXPECT(m_server->stop());
    Terminal terminal({address(), u"-n"_s, u"alice"_s}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"attempt 2"_s));
    terminal.type("\x03");
    QCOMPARE(terminal.exitCode(), 3);
}

void TestCliTerminal::colours()
{
    Terminal plain({address(), u"-n"_s, u"alice"_s}, m_folder->path());
    PARLOR_EXPECT(plain.shows(u"joined #general"_s));
    QVERIFY(!plain.shown().contains("\x1b[33m"));
    Terminal coloured({address(), u"-n"_s, u"bob"_s}, m_folder->path(), {.colours = true});
    PARLOR_EXPECT(coloured.shows(u"joined #general"_s));
    QVERIFY(coloured.shown().contains("\x1b[33m"));
}

void TestCliTerminal::dumbTerminal_data()
{
    QTest::addColumn<QString>("term");
    QTest::newRow("dumb") << u"dumb"_s;
    QTest::newRow("no TERM") << QString();
}

/// It would print each sequence.
void TestCliTerminal::dumbTerminal()
{
    QFETCH(QString, term);
    Terminal terminal({address(), u"-n"_s, u"alice"_s}, m_folder->path(), {.colours = true, .term = term});
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    QVERIFY(terminal.hasEcho());
    terminal.type("hello\n");
    PARLOR_EXPECT(terminal.shows(u"alice: hello\r\n"_s));
    terminal.type("/quit\n");
    QCOMPARE(terminal.exitCode(), 0);
    QVERIFY2(!terminal.shown().contains('\x1b'), terminal.shown().toPercentEncoding(" ").constData());
}

void TestCliTerminal::outageIsShown()
{
    Terminal terminal({address(), u"-n"_s, u"alice"_s, u"--no-state"_s}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    m_server->kill();
    PARLOR_EXPECT(terminal.shows(u"connection closed, code 1006"_s));
    PARLOR_EXPECT(terminal.shows(u"attempt 2"_s));
    PARLOR_EXPECT(terminal.shows(u"#general (offline)> "_s));
    terminal.type("later\r");
    PARLOR_EXPECT(terminal.shows(u"will be sent later: 'later'"_s));
    PARLOR_EXPECT(terminal.shows(u"#general (offline, 1 queued)> "_s));
    terminal.type("/outbox\r");
    PARLOR_EXPECT(terminal.shows(u"1: 'later' to #general: waiting"_s));
    terminal.type("/quit\r");
    PARLOR_EXPECT(terminal.shows(u"not all messages are sent (1 left)"_s));
    terminal.type("/quit\r");
    QCOMPARE(terminal.exitCode(), 0);
}

void TestCliTerminal::discardsWhatWaits()
{
    Terminal terminal({address(), u"-n"_s, u"alice"_s, u"--no-state"_s}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    m_server->kill();
    PARLOR_EXPECT(terminal.shows(u"(offline)>"_s));
    terminal.type("first\rsecond\r");
    PARLOR_EXPECT(terminal.shows(u"will be sent later: 'second'"_s));
    terminal.type("/discard\r"); // without its number only what needs a decision
    PARLOR_EXPECT(terminal.shows(u"no message waits for a decision"_s));
    terminal.type("/outbox\r");
    PARLOR_EXPECT(terminal.shows(u"1: 'first' to #general: waiting"_s));
    PARLOR_EXPECT(terminal.shows(u"2: 'second' to #general: waiting"_s));
    terminal.type("/discard 1\r");
    PARLOR_EXPECT(terminal.shows(u"dropped 1: 'first' to #general"_s));
    PARLOR_EXPECT(terminal.shows(u"1 queued"_s));
    terminal.type("/discard 2\r/outbox\r");
    PARLOR_EXPECT(terminal.shows(u"everything is sent"_s));
}

void TestCliTerminal::warnsBeforeItDropsWhatWaits_data()
{
    QTest::addColumn<QByteArray>("keys");
    QTest::newRow("/quit") << QByteArray("/quit\r");
    QTest::newRow("Ctrl-D") << QByteArray("\x04");
    QTest::newRow("Ctrl-C") << QByteArray("\x03");
}

void TestCliTerminal::warnsBeforeItDropsWhatWaits()
{
    QFETCH(QByteArray, keys);
    Terminal terminal({address(), u"-n"_s, u"alice"_s, u"--no-state"_s}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    m_server->kill();
    PARLOR_EXPECT(terminal.shows(u"(offline)>"_s));
    terminal.type("first\r");
    PARLOR_EXPECT(terminal.shows(u"will be sent later: 'first'"_s));
    terminal.type(keys);
    PARLOR_EXPECT(terminal.shows(u"not all messages are sent (1 left), and they are not kept"_s));
    terminal.type("/outbox\r"); // one can still write
    PARLOR_EXPECT(terminal.shows(u"1: 'first' to #general: waiting"_s));
    terminal.type(keys);
    PARLOR_EXPECT(terminal.shows(u"not all messages are sent (1 left), and they are not kept"_s));
    terminal.type(keys);
    PARLOR_EXPECT(terminal.shows(u"not sent: 1, dropped"_s));
    QCOMPARE(terminal.exitCode(), 0);
}

void TestCliTerminal::leavesAtOnceWhenAllIsSaid()
{
    Terminal terminal({address(), u"-n"_s, u"alice"_s, u"--no-state"_s}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    terminal.type("bye\r\x04"
                  "secret\r"); // what comes behind is for the shell
    QCOMPARE(terminal.exitCode(), 0);
    QVERIFY(!terminal.shown().contains("not sent"));
    RawChat reader;
    PARLOR_EXPECT(reader.openAndJoin(m_server->port(), Dialect::V2, u"general"_s));
    QVERIFY(reader.send({{u"type"_s, u"history"_s}, {u"room"_s, u"general"_s}, {u"after"_s, 0}}));
    const auto history = reader.nextOf(u"history"_s);
    QVERIFY(history);
    const QJsonArray said = (*history)[u"events"_s].toArray();
    QCOMPARE(said.size(), 1);
    QCOMPARE(said[0][u"content"_s].toString(), u"bye"_s);
}

void TestCliTerminal::saysWhatIsUndecided()
{
    Terminal terminal({address(), u"-n"_s, u"alice"_s, u"--no-state"_s}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    terminal.type(QByteArray(4001, 'x') + '\r');
    PARLOR_EXPECT(terminal.shows(u"failed"_s));
    terminal.type("/quit\r");
    PARLOR_EXPECT(terminal.shows(u"not all messages are sent (1 left)"_s));
    terminal.type("/quit\r");
    PARLOR_EXPECT(terminal.shows(u"undecided or failed: 1, dropped"_s));
    QCOMPARE(terminal.exitCode(), 0);
}

/// Leaving waits for an acknowledgement, and may come to nothing.
void TestCliTerminal::saysThatItIgnoresLines()
{
    Proxy proxy(m_server->port());
    Terminal terminal({u"localhost:%1"_s.arg(proxy.serverPort()), u"-n"_s, u"alice"_s, u"--no-state"_s},
                      m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    proxy.hold(Proxy::Direction::ToClient);
    terminal.type("first\r");
    QTRY_VERIFY(proxy.hasHeldBytes());
    terminal.type("\x04"
                  "second\r");
    PARLOR_EXPECT(terminal.shows(u"about to leave: what you typed is ignored"_s));
    PARLOR_EXPECT(terminal.shows(u"not all messages are sent (1 left)"_s));
    terminal.type("/outbox\r");
    PARLOR_EXPECT(terminal.shows(u"1: 'first' to #general: sent, not confirmed yet"_s));
}

void TestCliTerminal::killedWhileOffline()
{
    const QString where = address();
    const QStringList arguments{where, u"-n"_s, u"alice"_s};
    {
        Terminal terminal(arguments, m_folder->path());
        PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
        terminal.type("before\r");
        PARLOR_EXPECT(terminal.shows(u"alice: before"_s));
        m_server->kill();
        PARLOR_EXPECT(terminal.shows(u"#general (offline)> "_s));
        terminal.type("after\r");
        PARLOR_EXPECT(terminal.shows(u"#general (offline, 1 queued)> "_s));
        ::kill(static_cast<pid_t>(terminal.pid()), SIGKILL);
        QCOMPARE(terminal.exitCode(), -1);
    }
    {
        Terminal terminal(arguments, m_folder->path());
        PARLOR_EXPECT(terminal.shows(u"alice: before"_s));
        PARLOR_EXPECT(terminal.shows(u"from before, message 1: 'after' to #general: waiting"_s));
        terminal.type("/quit\r");
        PARLOR_EXPECT(terminal.shows(u"not sent or not confirmed: 1, kept in "_s));
        QCOMPARE(terminal.exitCode(), 3);
    }
    m_server = std::make_unique<ServerProcess>(ServerProcess::Settings{
        .program = u"parlor-server"_s,
        .arguments = {u"--listen"_s, QString(where).replace(u"localhost"_s, u"127.0.0.1"_s)}});
    PARLOR_EXPECT(m_server->start());
    Terminal terminal(arguments, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u"messages may be missing in #general"_s)); // that server has no history
    PARLOR_EXPECT(terminal.shows(u"alice: after"_s));
    terminal.type("/outbox\r");
    PARLOR_EXPECT(terminal.shows(u"everything is sent"_s));
}

void TestCliTerminal::whatIsMissingBelowIsSaid_data()
{
    using enum parlor::frame::SyncReason;
    QTest::addColumn<int>("reason");
    QTest::addColumn<QString>("why");
    QTest::newRow("too_many") << int(TooMany) << u"too many to bring all"_s;
    QTest::newRow("diverged") << int(Diverged) << u"the room's history begins anew"_s;
    QTest::newRow("unknown") << int(Unknown) << u"the server no longer has them"_s;
}

/// The program ended before a message came below the line.
void TestCliTerminal::whatIsMissingBelowIsSaid()
{
    QFETCH(int, reason);
    QFETCH(QString, why);
    const QString file = m_folder->filePath(u"chat.db"_s);
    {
        using namespace parlor;
        const auto store = openStore(file);
        QVERIFY(store);
        (*store)->use({u"ws://localhost:1/ws"_s, u"alice"_s});
        KeptRoom room{RoomPosition{u"e1"_s, 9}, {}, MissingMessages{frame::SyncReason(reason)}};
        KeptMessage &kept = room.messages.emplaceBack();
        kept.message.room = u"general"_s;
        kept.message.seq = 1;
        kept.message.text = u"one"_s;
        QVERIFY((*store)->keepRoom(u"general"_s, room, ClientStore::Continuity::GoesOn));
    }
    Terminal terminal({u"localhost:1"_s, u"-n"_s, u"alice"_s, u"--state"_s, file}, m_folder->path());
    PARLOR_EXPECT(terminal.shows(u": one"_s));
    PARLOR_EXPECT(terminal.shows(u"messages may be missing in #general: "_s + why));
}

/// Two people with tokens, of whom one is a moderator.
void TestCliTerminal::moderates()
{
    const TokenIssuer issuer;
    ServerProcess server({.program = u"parlor-server"_s, .arguments = issuer.arguments()});
    PARLOR_EXPECT(server.start());
    const auto of = [&](const QString &name, const QString &role) {
        return QStringList{u"localhost:%1"_s.arg(server.port()), u"--no-state"_s, u"--token-file"_s,
                           issuer.tokenFile(name.toLower(), {{u"name"_s, name}, {u"roles"_s, role}})};
    };
    Terminal ann(of(u"Ann"_s, u"moderator"_s), m_folder->path());
    PARLOR_EXPECT(ann.shows(u"signed in as Ann, moderator"_s));
    PARLOR_EXPECT(ann.shows(u"joined #general"_s));
    Terminal bob(of(u"Bob"_s, u"member"_s), m_folder->path());
    PARLOR_EXPECT(bob.shows(u"joined #general"_s));
    PARLOR_EXPECT(ann.shows(u"Bob entered #general"_s));
    bob.type("rubbish\r");
    PARLOR_EXPECT(ann.shows(u"Bob: rubbish"_s));
    ann.type("/delete Bob\r");
    PARLOR_EXPECT(ann.shows(u"* Ann deleted a message of Bob in #general ("_s));
    PARLOR_EXPECT(bob.shows(u"* Ann deleted a message of Bob in #general ("_s));
    bob.type("/delete\r");
    PARLOR_EXPECT(bob.shows(u"no message of this session is shown here"_s));
    bob.type("/kick Ann\r");
    PARLOR_EXPECT(bob.shows(u"cannot kick Ann (ann): "_s));
    ann.type("/mute Bob 10m too loud\r");
    PARLOR_EXPECT(ann.shows(u"muted Bob (bob) in #general for 10m"_s));
    PARLOR_EXPECT(bob.shows(u"a moderator muted you in #general until "_s));
    ann.type("/kick Bob go away\r");
    PARLOR_EXPECT(ann.shows(u"kicked Bob (bob)"_s));
    PARLOR_EXPECT(bob.shows(u"code 4005: removed by a moderator (reason: "_s));
    PARLOR_EXPECT(bob.shows(u"/connect tries again"_s));
}

void TestCliTerminal::keepsNothing_data()
{
    QTest::addColumn<bool>("piped");
    QTest::newRow("at a terminal") << false;
    QTest::newRow("with stdout as a pipe") << true;
}

void TestCliTerminal::keepsNothing()
{
    QFETCH(bool, piped);
    Terminal::Settings settings;
    settings.streams.setFlag(Terminal::Output, !piped);
    Terminal terminal({address(), u"-n"_s, u"alice"_s, u"--no-state"_s}, m_folder->path(), settings);
    const auto says = [&](const QString &text) {
        return piped ? terminal.pipes(text) : terminal.shows(text);
    };
    PARLOR_EXPECT(says(u"joined #general"_s));
    terminal.type("a secret\r");
    PARLOR_EXPECT(says(u"alice: a secret"_s));
    terminal.type("/quit\r");
    QCOMPARE(terminal.exitCode(), 0);
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
             QStringList());
}

PARLOR_TEST_WITHIN(QCoreApplication, TestCliTerminal)
#include "tst_cliterminal.moc"
