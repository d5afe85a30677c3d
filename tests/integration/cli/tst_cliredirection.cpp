// SPDX-License-Identifier: MIT
#include "terminal.h"
#include "tests/support/rawchat.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

using namespace parlor::test;
using namespace Qt::StringLiterals;

/// Each of the standard streams as a terminal or as a pipe: stdin alone decides who chats, a person or a
/// script.
class TestCliRedirection : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void streams_data();
    void streams();
    void whatIsTypedIntoAPipe();
    void fullDisk();
};

void TestCliRedirection::streams_data()
{
    QTest::addColumn<int>("streams");
    for (int streams = 0; streams < 8; ++streams) {
        const auto name = [streams](int stream) { return streams & stream ? "terminal" : "pipe"; };
        QTest::addRow("stdin %s, stdout %s, stderr %s", name(Terminal::Input), name(Terminal::Output),
                      name(Terminal::Errors))
            << streams;
    }
}

void TestCliRedirection::streams()
{
    QFETCH(int, streams);
    QTemporaryDir folder;
    ServerProcess server({.program = u"parlor-server"_s});
    PARLOR_EXPECT(server.start());
    Terminal terminal({u"localhost:%1"_s.arg(server.port()), u"-n"_s, u"alice"_s}, folder.path(),
                      {.streams = Terminal::Streams(streams)});
    const auto says = [&](const QString &text) {
        return streams & Terminal::Output ? terminal.shows(text) : terminal.pipes(text);
    };
    const bool isPerson = streams & Terminal::Input;
    if (isPerson)
        PARLOR_EXPECT(says(u"joined #general"_s));
    terminal.type("hello\n");
    PARLOR_EXPECT(says(u"alice: hello"_s));
    if (isPerson) {
        terminal.type("/who\n");
        PARLOR_EXPECT(says(u"#general has 1: alice"_s));
    }
    terminal.type("/quit\n");
    if (!isPerson)
        terminal.closePipedInput();
    QCOMPARE(terminal.exitCode(), 0);
    QVERIFY2(!terminal.piped().contains('\x1b'), terminal.piped().toPercentEncoding(" ").constData());

    RawChat reader;
    PARLOR_EXPECT(reader.openAndJoin(server.port(), Dialect::V2, u"general"_s));
    QVERIFY(reader.send({{u"type"_s, u"history"_s}, {u"room"_s, u"general"_s}, {u"after"_s, 0}}));
    const auto history = reader.nextOf(u"history"_s);
    QVERIFY(history);
    const QJsonArray said = (*history)[u"events"_s].toArray();
    QCOMPARE(said.size(), isPerson ? 1 : 2);
    PARLOR_EXPECT(server.stop());
}

void TestCliRedirection::whatIsTypedIntoAPipe()
{
    QTemporaryDir folder;
    ServerProcess server({.program = u"parlor-server"_s});
    PARLOR_EXPECT(server.start());
    Terminal terminal({u"localhost:%1"_s.arg(server.port()), u"-n"_s, u"alice"_s}, folder.path(),
                      {.streams = Terminal::Streams(Terminal::Input) | Terminal::Errors});
    PARLOR_EXPECT(terminal.pipes(u"joined #general"_s));
    QVERIFY(terminal.hasEcho());
    terminal.type("grx\x7f\xc3\xbc\xc3\x9f\n"); // the terminal's own editing
    PARLOR_EXPECT(terminal.pipes(u"alice: grüß\n"_s));
    terminal.type("caf\xe9\n");
    PARLOR_EXPECT(terminal.pipes(u"the line is not UTF-8, and is ignored"_s));
    terminal.type("half\x04 a line\n");
    PARLOR_EXPECT(terminal.pipes(u"alice: half a line\n"_s));
    terminal.type("\x04");
    QCOMPARE(terminal.exitCode(), 0);
    PARLOR_EXPECT(server.stop());
}

void TestCliRedirection::fullDisk()
{
    QTemporaryDir folder;
    ServerProcess server({.program = u"parlor-server"_s});
    PARLOR_EXPECT(server.start());
    Terminal terminal({u"localhost:%1"_s.arg(server.port()), u"-n"_s, u"alice"_s}, folder.path(),
                      {.outputFile = u"/dev/full"_s});
    PARLOR_EXPECT(terminal.shows(u"cannot write to standard output"_s));
    QCOMPARE(terminal.exitCode(), 1);
    PARLOR_EXPECT(server.stop());
}

PARLOR_TEST_WITHIN(QCoreApplication, TestCliRedirection)
#include "tst_cliredirection.moc"
