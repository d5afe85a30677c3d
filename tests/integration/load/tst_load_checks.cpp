// SPDX-License-Identifier: MIT
#include "loadprocess.h"
#include "sinkprocess.h"
#include "tests/support/testclass.h"

#include <QFile>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>

#include <chrono>

using namespace parlor::test;
using namespace Qt::StringLiterals;

namespace {

/// How many lines of the log are of each kind.
QMap<QString, qint64> linesByKind(const QString &path)
{
    QMap<QString, qint64> found;
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return found;
    for (const QByteArray &line : file.readAll().split('\n')) {
        if (!line.isEmpty())
            ++found[QJsonDocument::fromJson(line).object()[u"kind"].toString()];
    }
    return found;
}

void addCheckedDialects()
{
    QTest::addColumn<QString>("dialect");
    QTest::newRow("v1") << u"v1"_s;
    QTest::newRow("v2") << u"v2"_s;
}

} // namespace

/// `parlor-cli load` against a sink that says what it did.
class TestLoadChecks : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyFaultIsCounted_data();
    void everyFaultIsCounted();
    void withoutFaultsAllIsZero_data() { addCheckedDialects(); }
    void withoutFaultsAllIsZero();
    void oneLostAndOneDoubledDoNotCancel_data() { addCheckedDialects(); }
    void oneLostAndOneDoubledDoNotCancel();
    void delayIsMeasured();
    void stallIsSeen();
    void wrongUsage_data();
    void wrongUsage();
};

void TestLoadChecks::everyFaultIsCounted_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("v1") << QStringList{u"--dialect"_s, u"v1"_s};
    QTest::newRow("v2") << QStringList{u"--dialect"_s, u"v2"_s};
    const QStringList processes{u"--processes"_s, u"3"_s};
    QTest::newRow("v1, three processes") << QStringList{u"--dialect"_s, u"v1"_s} + processes;
    QTest::newRow("v2, three processes") << QStringList{u"--dialect"_s, u"v2"_s} + processes;
}

void TestLoadChecks::everyFaultIsCounted()
{
    QFETCH(QStringList, arguments);
    QTemporaryDir folder;
    const QString log = folder.filePath(u"faults.jsonl"_s);
    SinkProcess sink({u"--drop"_s, u"0.5%"_s, u"--double"_s, u"0.5%"_s, u"--reorder"_s, u"0.5%"_s,
                      u"--corrupt"_s, u"0.2%"_s, u"--seed"_s, u"11"_s, u"--log"_s, log});
    PARLOR_EXPECT(sink.start());
    LoadProcess load(sink.port(),
                     arguments + QStringList{u"--stages"_s, u"0s:30,3s:30"_s, u"--rate"_s, u"10/s"_s,
                                             u"--drain"_s, u"2s"_s, u"--rooms"_s, u"3"_s});
    PARLOR_EXPECT(load.endsWith(98));
    PARLOR_EXPECT(sink.stop());
    const QJsonObject did = sink.report();
    QMap<QString, qint64> lines = linesByKind(log);
    for (const auto &[counter, kind] : {std::pair{"dropped", "drop"}, std::pair{"doubled", "double"},
                                        std::pair{"reordered", "reorder"}, std::pair{"corrupt", "corrupt"}}) {
        const qint64 count = did[u"faults"][QLatin1String(counter)].toInteger();
        QVERIFY2(count > 3, counter);
        QCOMPARE(lines[QLatin1String(kind)], count);
    }
    QCOMPARE(faultsOf(load.json()), sink.faults());
    QCOMPARE(load.json()[u"verdict"].toString(), u"incorrect"_s);
}

void TestLoadChecks::withoutFaultsAllIsZero()
{
    QFETCH(QString, dialect);
    SinkProcess sink({});
    PARLOR_EXPECT(sink.start());
    LoadProcess load(sink.port(), {u"--dialect"_s, dialect, u"--stages"_s, u"0s:20,1s:20"_s, u"--rate"_s,
                                   u"10/s"_s, u"--rooms"_s, u"2"_s});
    PARLOR_EXPECT(load.endsWith(0));
    PARLOR_EXPECT(sink.stop());
    const QJsonObject did = sink.report();
    QCOMPARE(faultsOf(load.json()), kNoFaults);
    QCOMPARE(sink.faults(), faultsOf(load.json()));
    QVERIFY(did[u"messages"].toInteger() > 0);
    QCOMPARE(load.json()[u"messages"][u"sent"].toInteger(), did[u"messages"].toInteger());
    const QJsonObject heard = load.json()[u"deliveries"].toObject();
    QCOMPARE(heard[u"received"].toInteger() + heard[u"ambiguous"].toInteger(),
             did[u"deliveries"].toInteger());
}

/// Sums would say that as many came as were sent.
void TestLoadChecks::oneLostAndOneDoubledDoNotCancel()
{
    QFETCH(QString, dialect);
    SinkProcess sink({u"--fault"_s, u"drop@25:1"_s, u"--fault"_s, u"double@25:2"_s});
    PARLOR_EXPECT(sink.start());
    LoadProcess load(sink.port(), {u"--dialect"_s, dialect, u"--stages"_s, u"0s:5,1500ms:5"_s, u"--rate"_s,
                                   u"10/s"_s, u"--drain"_s, u"1s"_s, u"--rooms"_s, u"1"_s});
    PARLOR_EXPECT(load.endsWith(98));
    PARLOR_EXPECT(sink.stop());
    QCOMPARE(faultsOf(load.json()), u"lost 1, doubled 1, reordered 0, corrupt 0, unexpected 0"_s);
    QCOMPARE(sink.faults(), faultsOf(load.json()));
}

void TestLoadChecks::delayIsMeasured()
{
    SinkProcess sink({u"--delay"_s, u"50ms"_s});
    PARLOR_EXPECT(sink.start());
    LoadProcess load(sink.port(),
                     {u"--stages"_s, u"0s:10,2s:10"_s, u"--rate"_s, u"10/s"_s, u"--rooms"_s, u"1"_s});
    PARLOR_EXPECT(load.endsWith(0));
    const qint64 median = load.json()[u"histograms"][u"delivery_latency"][u"p50_us"].toInteger();
    QVERIFY(load.json()[u"histograms"][u"delivery_latency"][u"min_us"].toInteger() >= 50'000);
    QVERIFY2(median >= 50'000 && median <= 55'000, qPrintable(QString::number(median)));
    // An answer is no delivery.
    QVERIFY(load.json()[u"histograms"][u"ack_latency"][u"p50_us"].toInteger() < 50'000);
}

void TestLoadChecks::stallIsSeen()
{
    QTemporaryDir folder;
    const QString log = folder.filePath(u"faults.jsonl"_s);
    SinkProcess sink({u"--stall"_s, u"1s@1s"_s, u"--log"_s, log});
    PARLOR_EXPECT(sink.start());
    LoadProcess load(sink.port(),
                     {u"--stages"_s, u"0s:10,3s:10"_s, u"--rate"_s, u"10/s"_s, u"--rooms"_s, u"1"_s});
    PARLOR_EXPECT(load.endsWith(0));
    PARLOR_EXPECT(sink.stop());
    QCOMPARE(sink.report()[u"stalls"].toInteger(), 1);
    QCOMPARE(linesByKind(log)[u"stall"_s], 1);
    // Messages were planned all the time: the worst waited for nearly all of the stall.
    QVERIFY(load.json()[u"histograms"][u"delivery_latency"][u"max_us"].toInteger() > 800'000);
}

void TestLoadChecks::wrongUsage_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("says");
    QTest::newRow("a share") << QStringList{u"--drop"_s, u"much"_s} << u"'much' is no part"_s;
    QTest::newRow("shares") << QStringList{u"--drop"_s, u"60%"_s, u"--double"_s, u"0.5"_s}
                            << u"100% together"_s;
    QTest::newRow("a stall") << QStringList{u"--stall"_s, u"2s"_s} << u"2s@30s"_s;
    QTest::newRow("a fault") << QStringList{u"--fault"_s, u"loss@1:1"_s} << u"drop@5:1"_s;
    QTest::newRow("a delay") << QStringList{u"--delay"_s, u"50"_s} << u"50ms"_s;
    QTest::newRow("an address") << QStringList{u"--listen"_s, u"here"_s} << u"HOST:PORT"_s;
    QTest::newRow("a log") << QStringList{u"--log"_s, u"/nowhere/at/all"_s} << u"cannot write the log"_s;
    QTest::newRow("an option") << QStringList{u"--fly"_s} << u"no option --fly"_s;
}

void TestLoadChecks::wrongUsage()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, says);
    QProcess sink;
    sink.start(qEnvironmentVariable("PARLOR_TEST_BIN") % u"/parlor-cli"_s,
               QStringList{u"sink"_s} + arguments);
    QVERIFY(sink.waitForFinished());
    QCOMPARE(sink.exitCode(), 2);
    const QString said = QString::fromUtf8(sink.readAllStandardError());
    QVERIFY2(said.contains(says), qPrintable(said));
}

PARLOR_TEST_WITHIN(QCoreApplication, TestLoadChecks)
#include "tst_load_checks.moc"
