// SPDX-License-Identifier: MIT
#include "terminal.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace parlor::test;
using namespace Qt::StringLiterals;

/// What keys do to the line that is edited at a terminal.
class TestCliKeys : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void editsWithEachKey_data();
    void editsWithEachKey();
    void pasteAfterEachKey_data();
    void pasteAfterEachKey();
    void searchesTheHistory();
    void bytesThatAreNoText();

private:
    [[nodiscard]] QStringList arguments() const
    {
        return {u"localhost:%1"_s.arg(m_server->port()), u"-n"_s, u"alice"_s, u"--history"_s, u"0"_s};
    }
    std::unique_ptr<ServerProcess> m_server;
};

void TestCliKeys::initTestCase()
{
    m_server = std::make_unique<ServerProcess>(ServerProcess::Settings{u"parlor-server"_s});
    PARLOR_EXPECT(m_server->start());
}

void TestCliKeys::cleanupTestCase()
{
    PARLOR_EXPECT(m_server->stop());
}

void TestCliKeys::editsWithEachKey_data()
{
    QTest::addColumn<QByteArray>("keys");
    QTest::addColumn<QString>("said");
    QTest::newRow("Home and End") << QByteArray("b\x1b[Ha\x1b[Fc\x1b[1~_\x1b[4~.") << u"_abc."_s;
    QTest::newRow("Ctrl-A, Ctrl-E") << QByteArray("b\x01"
                                                  "a\x05"
                                                  "c")
                                    << u"abc"_s;
    QTest::newRow("arrows of the application mode") << QByteArray("ac\x1bODb\x1bOCd") << u"abcd"_s;
    QTest::newRow("Ctrl-B, Ctrl-F") << QByteArray("ac\x02"
                                                  "b\x06"
                                                  "d")
                                    << u"abcd"_s;
    QTest::newRow("Backspace, both of them") << QByteArray("abx\x7fy\bc") << u"abc"_s;
    QTest::newRow("Delete") << QByteArray("xabc\x01\x1b[3~") << u"abc"_s;
    QTest::newRow("Ctrl-Delete") << QByteArray("xabc\x01\x1b[3;5~") << u"abc"_s;
    QTest::newRow("words") << QByteArray("two three\x1b"
                                         "b\x1b[1;5Done \x1b"
                                         "f!\x1b[1;5C?")
                           << u"one two! three?"_s;
    QTest::newRow("Ctrl-W, Alt-D, Ctrl-Y") << QByteArray("one two\x17\x01\x19 \x1b"
                                                         "d")
                                           << u"two  "_s;
    QTest::newRow("Ctrl-K, Ctrl-Y") << QByteArray("onetwo\x02\x02\x02\x0b\x01\x19 ") << u"two one"_s;
    QTest::newRow("Ctrl-U, Ctrl-Y") << QByteArray("one\x15two\x19") << u"twoone"_s;
    QTest::newRow("Ctrl-T") << QByteArray("abdc\x14") << u"abcd"_s;
    QTest::newRow("Alt-U, Alt-L, Alt-C") << QByteArray("one TWO three\x01\x1bu\x1bl\x1b"
                                                       "c")
                                         << u"ONE two Three"_s;
    QTest::newRow("Ctrl-V") << QByteArray("a\x16\tb") << u"a b"_s; // a tab is shown as a blank
    QTest::newRow("Ctrl-V, Escape") << QByteArray("a\x16\x1b[b\x7f\x7f\x7f"
                                                  "c")
                                    << u"ac"_s;
    QTest::newRow("Ctrl-L") << QByteArray("a\x0c"
                                          "b")
                            << u"ab"_s;
    QTest::newRow("wide, and with an accent") << QByteArray("世e\u0301x\x1b[D\x7f界") << u"世界x"_s;
    QTest::newRow("keys that mean nothing") << QByteArray("a\t\x1b[15~\x1b[I\x1bx\x1bO"
                                                          "P\x1b\xc3\xa4"
                                                          "b")
                                            << u"ab"_s;
    QTest::newRow("F17 to F20") << QByteArray("ab\x01\x1b[31~\x1b[32~\x1b[33~\x1b[34~") << u"ab"_s;
    QTest::newRow("F1 to F5 of the Linux console")
        << QByteArray("a\x1b[[A\x1b[[B\x1b[[C\x1b[[D\x1b[[Eb") << u"ab"_s;
}

void TestCliKeys::editsWithEachKey()
{
    QFETCH(QByteArray, keys);
    QFETCH(QString, said);
    const QTemporaryDir folder;
    Terminal terminal(arguments(), folder.path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    terminal.type(keys + '\r');
    PARLOR_EXPECT(terminal.shows(u"#general alice: "_s + said + u"\r\n"_s));
}

void TestCliKeys::pasteAfterEachKey_data()
{
    QTest::addColumn<QByteArray>("keys");
    QTest::newRow("Ctrl-V") << QByteArray("\x16");
    QTest::newRow("Ctrl-R") << QByteArray("\x12");
    QTest::newRow("Escape") << QByteArray("\x1b");
    QTest::newRow("Escape twice") << QByteArray("\x1b\x1b");
    QTest::newRow("half a sequence") << QByteArray("\x1b[1;");
    QTest::newRow("half a key of the Linux console") << QByteArray("\x1b[[");
    QTest::newRow("half a character") << QByteArray("\xc3");
}

/// What is pasted is text, whatever key was pressed just before.
void TestCliKeys::pasteAfterEachKey()
{
    QFETCH(QByteArray, keys);
    const QTemporaryDir folder;
    Terminal terminal(arguments(), folder.path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    terminal.type(keys + "\x1b[200~one\rtwo\x1b[201~");
    PARLOR_EXPECT(terminal.shows(u"#general> one⏎two"_s));
    terminal.type("\x7f\r");
    PARLOR_EXPECT(terminal.shows(u"#general alice: one\r\n    tw\r\n"_s));
}

/// However slowly somebody types.
void TestCliKeys::searchesTheHistory()
{
    const QTemporaryDir folder;
    Terminal terminal(arguments(), folder.path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    for (const char *line : {"hello world", "hello there", "something else"}) {
        terminal.type(QByteArray(line) + '\r');
        PARLOR_EXPECT(terminal.shows(u"alice: "_s + QLatin1String(line)));
    }
    terminal.type("draft\x12");
    PARLOR_EXPECT(terminal.shows(u"(search '')> draft"_s));
    terminal.type("hell");
    PARLOR_EXPECT(terminal.shows(u"(search 'hell')> hello there"_s));
    terminal.type("\x12");
    PARLOR_EXPECT(terminal.shows(u"(search 'hell')> hello world"_s));
    terminal.type("x");
    PARLOR_EXPECT(terminal.shows(u"(not found 'hellx')> hello world"_s));
    terminal.type("\x7f");
    PARLOR_EXPECT(terminal.shows(u"(search 'hell')> hello there"_s));
    terminal.type("\x07");
    PARLOR_EXPECT(terminal.shows(u"#general> draft"_s));
    terminal.type("\x12wor");
    PARLOR_EXPECT(terminal.shows(u"(search 'wor')> hello world"_s));
    terminal.type("\x05!\r");
    PARLOR_EXPECT(terminal.shows(u"alice: hello world!"_s));
}

void TestCliKeys::bytesThatAreNoText()
{
    const QTemporaryDir folder;
    Terminal terminal(arguments(), folder.path());
    PARLOR_EXPECT(terminal.shows(u"joined #general"_s));
    terminal.type("caf\xe9\r"); // Latin-1
    PARLOR_EXPECT(terminal.shows(u"a character that is not UTF-8 is ignored"_s));
    PARLOR_EXPECT(terminal.shows(u"alice: caf\r\n"_s));
    terminal.type("kept \x1b[200~caf\xe9\x1b[201~");
    PARLOR_EXPECT(terminal.shows(u"what was pasted is not UTF-8, and is left out"_s));
    terminal.type("too\r");
    PARLOR_EXPECT(terminal.shows(u"alice: kept too\r\n"_s));
}

PARLOR_TEST_WITHIN(QCoreApplication, TestCliKeys)
#include "tst_clikeys.moc"
