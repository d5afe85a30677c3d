// SPDX-License-Identifier: MIT
#include "client-cli/chat/linehistory.h"
#include "tests/support/testclass.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <sys/resource.h>

using namespace parlor::cli;
using namespace Qt::StringLiterals;

class TestLineHistory : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void walks();
    void finds();
    void isBounded();
    void isKept();
    void keepsTheLinesOfOthers();
    void afterAFullDisk();
    void fullDiskWhileTrimming();
    void afterALineThatIsCut();
    void trimsTheFile();
    void isPrivate();
    void readsWhatLibeditWrote();
    void filesThatAreNone_data();
    void filesThatAreNone();

private:
    QTemporaryDir m_folder;
    [[nodiscard]] QString write(const QByteArray &bytes) const
    {
        QFile file(m_folder.filePath(u"history"_s));
        return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() ? file.fileName()
                                                                                    : QString();
    }
};

void TestLineHistory::walks()
{
    LineHistory history{QString()};
    QVERIFY(!history.older(u"x"_s));
    QVERIFY(!history.newer());
    for (const auto &line : {u"one"_s, u"two"_s, u"two"_s, u"  "_s, QString()})
        history.add(line);
    QCOMPARE(history.count(), 2);
    QCOMPARE(history.older(u"draft"_s), std::optional(u"two"_s));
    QCOMPARE(history.older(u"two, changed"_s), std::optional(u"one"_s));
    QVERIFY(!history.older(u"one"_s));
    QCOMPARE(history.newer(), std::optional(u"two"_s));
    QCOMPARE(history.newer(), std::optional(u"draft"_s));
    QVERIFY(!history.newer());
    static_cast<void>(history.older(u"draft"_s));
    history.add(u"three"_s);
    QCOMPARE(history.older(QString()), std::optional(u"three"_s));
}

void TestLineHistory::finds()
{
    LineHistory history{QString()};
    QVERIFY(!history.find(u"a"_s, 0));
    for (const auto &line : {u"hello world"_s, u"hello there"_s, u"else"_s})
        history.add(line);
    QCOMPARE(history.find(u"hello"_s, history.count()), std::optional<qsizetype>(1));
    QCOMPARE(history.find(u"hello"_s, 1), std::optional<qsizetype>(1));
    QCOMPARE(history.find(u"hello"_s, 0), std::optional<qsizetype>(0));
    QVERIFY(!history.find(u"hello"_s, -1));
    QVERIFY(!history.find(u"nothing"_s, history.count()));
}

void TestLineHistory::isBounded()
{
    LineHistory history{QString()};
    for (int i = 0; i <= LineHistory::kMaxLines; ++i)
        history.add(QString::number(i));
    QCOMPARE(history.count(), LineHistory::kMaxLines);
    QCOMPARE(history.line(0), u"1"_s);
}

void TestLineHistory::isKept()
{
    const QString name = m_folder.filePath(u"kept"_s);
    const QStringList lines{u"grüß dich 👋"_s, u"a\\040b \\ \\\\"_s, u"one⏎ two"_s, u"\t\x01\n\x7f."_s};
    {
        LineHistory history(name);
        for (const QString &line : lines)
            history.add(line);
    }
    const LineHistory history(name);
    QCOMPARE(history.count(), lines.size());
    for (qsizetype i = 0; i < lines.size(); ++i)
        QCOMPARE(history.line(i), lines.at(i));
}

/// Several chats of one person have one file.
void TestLineHistory::keepsTheLinesOfOthers()
{
    const QString name = m_folder.filePath(u"shared"_s);
    LineHistory one(name);
    LineHistory two(name);
    one.add(u"a"_s);
    two.add(u"b"_s);
    one.add(u"c"_s);
    const LineHistory next(name); // while they go on
    QCOMPARE(next.count(), 3);
    QCOMPARE(next.line(0), u"a"_s);
    QCOMPARE(next.line(1), u"b"_s);
    QCOMPARE(next.line(2), u"c"_s);
}

void TestLineHistory::afterAFullDisk()
{
    const QString name = write("_HiStOrY_V2_\none\ntwo\n");
    rlimit before{};
    QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit full{0, before.rlim_max};
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &full), 0);
    {
        LineHistory history(name);
        history.add(u"three"_s);
    }
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &before), 0);
    ::signal(SIGXFSZ, handler);
    QCOMPARE(LineHistory(name).count(), 2);
}

void TestLineHistory::fullDiskWhileTrimming()
{
    QByteArray bytes("_HiStOrY_V2_\n");
    for (int i = 0; i <= 2 * LineHistory::kMaxLines; ++i)
        bytes += QByteArray::number(i) + '\n';
    const QString name = write(bytes);
    rlimit before{};
    QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit full{0, before.rlim_max};
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &full), 0);
    const qsizetype count = LineHistory(name).count();
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &before), 0);
    ::signal(SIGXFSZ, handler);
    QCOMPARE(count, LineHistory::kMaxLines);
    QFile file(name);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), bytes);
}

/// There was no place for all of it.
void TestLineHistory::afterALineThatIsCut()
{
    const QString name = write("_HiStOrY_V2_\none\ntw");
    LineHistory(name).add(u"three"_s);
    const LineHistory history(name);
    QCOMPARE(history.count(), 3);
    QCOMPARE(history.line(1), u"tw"_s);
    QCOMPARE(history.line(2), u"three"_s);
}

void TestLineHistory::trimsTheFile()
{
    QByteArray bytes("_HiStOrY_V2_\n");
    for (int i = 0; i <= 2 * LineHistory::kMaxLines; ++i)
        bytes += QByteArray::number(i) + '\n';
    const QString name = write(bytes);
    QCOMPARE(LineHistory(name).count(), LineHistory::kMaxLines);
    QFile file(name);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll().count('\n'), LineHistory::kMaxLines + 1);
    const LineHistory history(name);
    QCOMPARE(history.line(history.count() - 1), QString::number(2 * LineHistory::kMaxLines));
}

/// What people type is nobody else's business.
void TestLineHistory::isPrivate()
{
    constexpr auto kOnlyOwner =
        QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ReadUser | QFileDevice::WriteUser;
    const QString fresh = m_folder.filePath(u"fresh"_s);
    LineHistory(fresh).add(u"one"_s);
    QCOMPARE(QFile::permissions(fresh), kOnlyOwner);
    const QString copied = write("_HiStOrY_V2_\none\n");
    QVERIFY(QFile::setPermissions(copied, kOnlyOwner | QFileDevice::ReadGroup | QFileDevice::ReadOther));
    const LineHistory history(copied);
    QCOMPARE(QFile::permissions(copied), kOnlyOwner);
}

void TestLineHistory::readsWhatLibeditWrote()
{
    const LineHistory history(write("_HiStOrY_V2_\nhello\\040world\ngr\xc3\xbc\xc3\x9f\\040\\134o/\nlast"));
    QCOMPARE(history.count(), 3);
    QCOMPARE(history.line(0), u"hello world"_s);
    QCOMPARE(history.line(1), u"grüß \\o/"_s);
    QCOMPARE(history.line(2), u"last"_s);
}

void TestLineHistory::filesThatAreNone_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("another program's") << QByteArray("one\ntwo\n");
    QTest::newRow("without a line") << QByteArray("_HiStOrY_V2_\n\n\n");
}

void TestLineHistory::filesThatAreNone()
{
    QFETCH(const QByteArray, bytes);
    const QString name = write(bytes);
    QCOMPARE(LineHistory(name).count(), 0);
    LineHistory(name).add(u"mine"_s);
    QCOMPARE(LineHistory(name).count(), 1);
}

PARLOR_TEST(TestLineHistory)
#include "tst_linehistory.moc"
