// SPDX-License-Identifier: MIT
#include "terminal.h"
#include "tests/support/rawchat.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace parlor::test;
using namespace Qt::StringLiterals;

/// What a terminal's size, and its change, do to the line that is edited: nothing.
class TestCliResize : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void cleanup() { m_terminal.reset(); }
    void longLine_data() { sizes(); }
    void longLine();
    void wideLine_data() { sizes(); }
    void wideLine();
    void pastedLine_data() { sizes(); }
    void pastedLine();
    void search_data() { sizes(); }
    void search();
    void historyAndWhatWasKilled_data() { sizes(); }
    void historyAndWhatWasKilled();
    void sizeAtTheStart_data() { sizes(); }
    void sizeAtTheStart();
    void manySizes();

private:
    static void sizes();
    void open();
    /// Another size, and the line is drawn anew.
    void resize();
    [[nodiscard]] QStringList arguments() const
    {
        return {u"localhost:%1"_s.arg(m_server->port()), u"-n"_s, u"alice"_s, u"--history"_s, u"0"_s};
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<ServerProcess> m_server;
    std::unique_ptr<Terminal> m_terminal;
};

void TestCliResize::initTestCase()
{
    m_server = std::make_unique<ServerProcess>(ServerProcess::Settings{u"parlor-server"_s});
    PARLOR_EXPECT(m_server->start());
}

void TestCliResize::cleanupTestCase()
{
    PARLOR_EXPECT(m_server->stop());
}

void TestCliResize::sizes()
{
    QTest::addColumn<int>("rows");
    QTest::addColumn<int>("columns");
    for (const auto &[rows, columns] : {std::pair(3, 80),
                                        {24, 20},
                                        {1, 1},
                                        {2, 2},
                                        {1, 200},
                                        {200, 1},
                                        {0, 0},
                                        {65535, 65535},
                                        {65535, 80},
                                        {24, 65535}})
        QTest::addRow("%d rows, %d columns", rows, columns) << rows << columns;
}

void TestCliResize::open()
{
    m_terminal = std::make_unique<Terminal>(arguments(), m_folder->path());
    PARLOR_EXPECT(m_terminal->shows(u"joined #general"_s));
    PARLOR_EXPECT(m_terminal->shows(u"#general> "_s));
}

void TestCliResize::resize()
{
    QFETCH(int, rows);
    QFETCH(int, columns);
    m_terminal->resize(rows, columns);
    PARLOR_EXPECT(m_terminal->shows(u"\x1b[J"_s));
}

void TestCliResize::longLine()
{
    open();
    const QByteArray typed(360, 'x');
    m_terminal->type(typed);
    PARLOR_EXPECT(m_terminal->shows(u"#general> "_s + QLatin1String(typed)));
    resize();
    m_terminal->type("\x01"
                     "a\x05z\r");
    PARLOR_EXPECT(m_terminal->shows(u"alice: a"_s + QLatin1String(typed) + u"z\r\n"_s));
}

void TestCliResize::wideLine()
{
    open();
    const QString typed = u"世界👋"_s.repeated(40);
    m_terminal->type(typed.toUtf8() + "\x1b[D"); // the cursor is on the last one
    PARLOR_EXPECT(m_terminal->shows(u"#general> "_s + typed));
    resize();
    m_terminal->type("!\r");
    PARLOR_EXPECT(m_terminal->shows(u"alice: "_s + typed.chopped(2) + u"!👋\r\n"_s));
}

void TestCliResize::pastedLine()
{
    open();
    m_terminal->type("say \x1b[200~one\rtw");
    PARLOR_EXPECT(m_terminal->shows(u"#general> say "_s));
    resize();
    m_terminal->type("o\r\x1b[201~.");
    QFETCH(int, rows);
    m_terminal->resize(rows + 1, 0);
    m_terminal->type("\r");
    PARLOR_EXPECT(m_terminal->shows(u"alice: say one\r\n    two\r\n    .\r\n"_s));
}

void TestCliResize::search()
{
    open();
    m_terminal->type("hello world\rsomething else\r");
    PARLOR_EXPECT(m_terminal->shows(u"alice: something else"_s));
    m_terminal->type("\x12wo");
    PARLOR_EXPECT(m_terminal->shows(u"hello world"_s));
    resize();
    m_terminal->type("r\x05!\r");
    PARLOR_EXPECT(m_terminal->shows(u"alice: hello world!\r\n"_s));
}

void TestCliResize::historyAndWhatWasKilled()
{
    open();
    m_terminal->type("one\rtwo\r");
    PARLOR_EXPECT(m_terminal->shows(u"alice: two"_s));
    m_terminal->type("draft\x1b[A\x1b[A");
    PARLOR_EXPECT(m_terminal->shows(u"#general> one"_s));
    resize();
    m_terminal->type("\x1b[B\x15\x1b[B\x19\r"); // to the newer one, kill it, on to the draft, and yank
    PARLOR_EXPECT(m_terminal->shows(u"alice: drafttwo\r\n"_s));
}

void TestCliResize::sizeAtTheStart()
{
    QFETCH(int, rows);
    QFETCH(int, columns);
    m_terminal = std::make_unique<Terminal>(arguments(), m_folder->path(),
                                            Terminal::Settings{.rows = rows, .columns = columns});
    PARLOR_EXPECT(m_terminal->shows(u"joined #general"_s));
    m_terminal->type(QByteArray(360, 'x') + '\r');
    PARLOR_EXPECT(m_terminal->shows(u"alice: "_s + QString(360, u'x') + u"\r\n"_s));
    m_terminal->type("/quit\r");
    QCOMPARE(m_terminal->exitCode(), 0);
}

/// As somebody drags the corner of a window, while lines arrive.
void TestCliResize::manySizes()
{
    open();
    RawChat bob;
    PARLOR_EXPECT(bob.open(m_server->port(), Dialect::V1));
    QByteArray typed;
    for (int i = 1; i <= 100; ++i) {
        const QByteArray more = i % 3 == 0 ? "世" : "ab";
        typed += more;
        m_terminal->type(more);
        m_terminal->resize(i * 7 % 11, i * 13 % 31);
        if (i % 10 == 0)
            QVERIFY(bob.sendText("line " + QByteArray::number(i)));
    }
    PARLOR_EXPECT(m_terminal->shows(u": line 100"_s));
    m_terminal->type("\r");
    PARLOR_EXPECT(m_terminal->shows(u"alice: "_s + QString::fromUtf8(typed)));
}

PARLOR_TEST_WITHIN(QCoreApplication, TestCliResize)
#include "tst_cliresize.moc"
