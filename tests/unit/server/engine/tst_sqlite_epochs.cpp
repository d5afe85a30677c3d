// SPDX-License-Identifier: MIT
// Positions of clients hold as long as nothing can have been lost.
#include "tests/unit/server/engine/sqlitecase.h"

#include <QTest>

#include <QFile>

using namespace parlor;
using Lines = std::vector<std::string>;
using Since = EnterRequest::Since;

class TestSqliteEpochs : public SqliteCase
{
    Q_OBJECT
private Q_SLOTS:
    void epochsOfAnotherBoot_data();
    void epochsOfAnotherBoot();
    void epochsOfABackup();
};

void TestSqliteEpochs::epochsOfAnotherBoot_data()
{
    QTest::addColumn<bool>("isPower");
    QTest::addColumn<QString>("unclosed"); // what the last run left
    QTest::addColumn<bool>("isNew");
    QTest::newRow("closed") << false << "" << false;
    QTest::newRow("killed, same boot") << false << "this boot" << false;
    QTest::newRow("killed, another boot") << false << "another" << true;
    QTest::newRow("power, closed") << true << "" << false;
}

void TestSqliteEpochs::epochsOfAnotherBoot()
{
    QFETCH(bool, isPower);
    QFETCH(QString, unclosed);
    QFETCH(bool, isNew);
    if (isPower)
        m_config.durability = sqlite::Durability::Power;
    open().reset();
    const std::string epoch = epochOf(m_config.path);
    if (!unclosed.isEmpty()) {
        sqlite::Database database;
        QVERIFY(!database.open(m_config.path, sqlite::OpenMode::Existing));
        QVERIFY(!database.run(
            ("INSERT INTO facts VALUES('unclosed', '" + unclosed.toStdString() + "')").c_str()));
    }
    open().reset();
    QCOMPARE(epochOf(m_config.path) != epoch, isNew);
}

void TestSqliteEpochs::epochsOfABackup()
{
    ProbePort port;
    const std::string copy = m_folder->filePath(QStringLiteral("copy.db")).toStdString();
    std::string epoch;
    {
        const auto engine = open();
        ProbeSession a(*engine, port, "A");
        a.enter("x");
        a.publish("x", "kept");
        engine->waitUntilIdle();
        epoch = epochOf(m_config.path);
        QCOMPARE(sqlite::backUp(m_config.path, copy), std::nullopt);
        QVERIFY(sqlite::backUp(m_config.path, copy)); // never over a file
        a.publish("x", "after the backup");
        engine->waitUntilIdle();
    }
    // cat copy > parlor.db: the same file, with older contents
    QFile from(QString::fromStdString(copy));
    QFile to(QString::fromStdString(m_config.path));
    QVERIFY(from.open(QIODevice::ReadOnly) && to.open(QIODevice::WriteOnly | QIODevice::Truncate));
    to.write(from.readAll());
    to.close();
    (void)port.take();
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x", Since{epoch, 1});
    engine->waitUntilIdle();
    QCOMPARE(port.take(), Lines({"entered x members=1 seq=1 events=1 reason=epoch announced"}));
}

QTEST_APPLESS_MAIN(TestSqliteEpochs)
#include "tst_sqlite_epochs.moc"
