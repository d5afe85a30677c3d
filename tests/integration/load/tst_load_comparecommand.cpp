// SPDX-License-Identifier: MIT
#include "loadprocess.h"
#include "tests/support/rawsocket.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace parlor::test;
using namespace Qt::StringLiterals;

/// `parlor-cli compare`: its command line, and the files of real runs.
class TestLoadCompareCommand : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void wrongUsage_data();
    void wrongUsage();
    void realRuns();

private:
    /// Its exit code; -1: it did not end by itself.
    int compare(const QStringList &arguments)
    {
        QProcess cli;
        cli.setWorkingDirectory(m_folder.path());
        cli.start(qEnvironmentVariable("PARLOR_TEST_BIN") % u"/parlor-cli"_s,
                  QStringList{u"compare"_s} + arguments);
        if (!cli.waitForFinished(static_cast<int>(kPatience.count())))
            return -1;
        m_output = cli.readAllStandardOutput();
        m_errors = QString::fromUtf8(cli.readAllStandardError());
        return cli.exitStatus() == QProcess::NormalExit ? cli.exitCode() : -1;
    }

    QTemporaryDir m_folder;
    QByteArray m_output;
    QString m_errors;
};

void TestLoadCompareCommand::wrongUsage_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("errors");
    QTest::newRow("nothing") << QStringList{} << u"BASE is required"_s;
    QTest::newRow("one") << QStringList{u"a"_s} << u"a run to compare with is missing"_s;
    QTest::newRow("three") << QStringList{u"a"_s, u"b"_s, u"c"_s}
                           << u"which of these 3 files are the base?"_s;
    QTest::newRow("nothing new") << QStringList{u"a"_s, u"--"_s} << u"no file follows --"_s;
    QTest::newRow("no base") << QStringList{u"--"_s, u"a"_s} << u"no file precedes --"_s;
    QTest::newRow("no file") << QStringList{u"a"_s, u"b"_s, u"--"_s, u"c"_s} << u"a: it cannot be read"_s;
    QTest::newRow("no percentage") << QStringList{u"--tolerance"_s, u"10"_s, u"a"_s, u"b"_s}
                                   << u"--tolerance: '10' is no percentage from 0% to 1000%; write 10%"_s;
    QTest::newRow("no option") << QStringList{u"--html"_s, u"x"_s, u"a"_s, u"b"_s}
                               << u"there is no option --html"_s;
}

void TestLoadCompareCommand::wrongUsage()
{
    QFETCH(const QStringList, arguments);
    QFETCH(const QString, errors);
    QCOMPARE(compare(arguments), 2);
    QVERIFY2(m_errors.startsWith(u"parlor-cli compare: "_s) && m_errors.contains(errors),
             qPrintable(m_errors));
}

void TestLoadCompareCommand::realRuns()
{
    ServerProcess server(
        {.program = u"parlor-server"_s,
         .arguments = {u"--store"_s, u"memory"_s, u"--rate"_s, u"1000"_s, u"--burst"_s, u"1000"_s}});
    PARLOR_EXPECT(server.start());
    for (const char *name : {"a1", "a2", "b1", "other"}) {
        const QString users = u"1s:%1"_s.arg(qstrcmp(name, "other") == 0 ? 4 : 5);
        LoadProcess load(server.port(), {u"--stages"_s, users, u"--rate"_s, u"10/s"_s}, u"127.0.0.1"_s,
                         m_folder.filePath(QString::fromLatin1(name)));
        PARLOR_EXPECT(load.endsWith(0));
    }
    QCOMPARE(compare({u"a1"_s, u"a1"_s}), 2);
    QVERIFY2(m_errors.contains(u"a1 and a1 are the same run, "_s), qPrintable(m_errors));

    // Which file is on which side.
    QCOMPARE(compare({u"--json"_s, u"a1"_s, u"a2"_s, u"--"_s, u"b1"_s}), 0);
    const QJsonObject json = QJsonDocument::fromJson(m_output).object();
    QCOMPARE(json[u"base"_s].toArray().size(), 2);
    QCOMPARE(json[u"new"_s].toArray().size(), 1);
    QCOMPARE(json[u"new"_s].toArray()[0].toObject()[u"file"_s].toString(), u"b1"_s);
    QVERIFY(json[u"figures"_s].toObject()[u"deliveries_per_second"_s].toObject()[u"new_median"_s].toDouble() >
            0);

    QCOMPARE(compare({u"a1"_s, u"other"_s}), 2);
    QVERIFY2(m_errors.contains(u"a1 and other: --stages 1s:5 and --stages 1s:4"_s), qPrintable(m_errors));
    QCOMPARE(compare({u"--force"_s, u"a1"_s, u"other"_s}), 0);

    // A loss that BASE did not have.
    QFile file(m_folder.filePath(u"b1"_s));
    QVERIFY(file.open(QIODevice::ReadWrite));
    QJsonObject run = QJsonDocument::fromJson(file.readAll()).object();
    QJsonObject deliveries = run[u"deliveries"_s].toObject();
    deliveries[u"lost"_s] = 1;
    run[u"deliveries"_s] = deliveries;
    file.resize(0);
    file.write(QJsonDocument(run).toJson());
    file.close();
    QCOMPARE(compare({u"a1"_s, u"b1"_s}), 99);
    QVERIFY2(m_output.contains("lost deliveries: 0 of "), m_output.constData());
}

PARLOR_TEST_WITHIN(QCoreApplication, TestLoadCompareCommand)
#include "tst_load_comparecommand.moc"
