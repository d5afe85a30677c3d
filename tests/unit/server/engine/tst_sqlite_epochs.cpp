// SPDX-License-Identifier: MIT
// Positions of clients hold as long as nothing can have been lost.
#include "tests/unit/server/engine/sqlitecase.h"

#include <QTest>

#include <QFile>

#include <csignal>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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
    void epochsOfARawCopy_data();
    void epochsOfARawCopy();
    void epochsAfterAKill_data();
    void epochsAfterAKill();
    void lockFileOfAnOlderVersion();
    void logOfAnotherFile();
    void closedBesideAReader_data();
    void closedBesideAReader();
    void copyMayBeKilled();
    void unknownBoot();
    void factThatCannotBeRead();

private:
    /// The same file, with other contents: as cp does.
    static void overwrite(const std::string &path, const QByteArray &contents);
    [[nodiscard]] static QByteArray contents(const std::string &path);
    /// Until what is changed now has another time of change than the store.
    void letTimePass();
    /// A lock file of a store in use, as a copy of then has it.
    [[nodiscard]] static QByteArray fromAnHourAgo(const QByteArray &lockFile);
    /// Another process opens the store, runs that, and is killed.
    void runAndKill(const std::function<void(SqliteEngine &engine)> &run);
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
        std::string why;
        QVERIFY2(sqlite::StoreFile::open({.path = m_config.path,
                                          .bootId = unclosed.toStdString(),
                                          .drawEpoch = [] { return "token"; }},
                                         why),
                 why.c_str());
    }
    open().reset();
    QCOMPARE(epochOf(m_config.path) != epoch, isNew);
}

void TestSqliteEpochs::overwrite(const std::string &path, const QByteArray &contents)
{
    QFile file(QString::fromStdString(path));
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    QCOMPARE(file.write(contents), contents.size());
}

QByteArray TestSqliteEpochs::contents(const std::string &path)
{
    QFile file(QString::fromStdString(path));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void TestSqliteEpochs::letTimePass()
{
    const auto changedAt = [](const std::string &file) {
        struct stat status = {};
        return ::stat(file.c_str(), &status) == 0 ? std::pair(status.st_ctim.tv_sec, status.st_ctim.tv_nsec)
                                                  : std::pair(0L, 0L);
    };
    do
        overwrite(path("probe"), "x");
    while (changedAt(path("probe")) <= changedAt(m_config.path));
}

QByteArray TestSqliteEpochs::fromAnHourAgo(const QByteArray &lockFile)
{
    QList<QByteArray> lines = lockFile.split('\n');
    QList<QByteArray> mark = lines[1].split(' ');
    mark[0] = QByteArray::number(mark[0].toLongLong() - 3600).rightJustified(mark[0].size(), '0');
    lines[1] = mark.join(' ');
    return lines.join('\n');
}

void TestSqliteEpochs::runAndKill(const std::function<void(SqliteEngine &engine)> &run)
{
    const pid_t child = ::fork();
    QVERIFY(child >= 0);
    if (child == 0) {
        const auto engine = open();
        run(*engine);
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QVERIFY(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

void TestSqliteEpochs::epochsOfABackup()
{
    ProbePort port;
    const std::string copy = m_folder->filePath(QStringLiteral("copy.db")).toStdString();
    std::string epoch;
    std::string why;
    {
        const auto engine = open();
        ProbeSession a(*engine, port, "A");
        a.enter("x");
        a.publish("x", "kept");
        engine->waitUntilIdle();
        epoch = epochOf(m_config.path);
        QVERIFY2(sqlite::backUp(m_config.path, copy, why), why.c_str());
        QVERIFY(!sqlite::backUp(m_config.path, copy, why)); // never over a file
        a.publish("x", "after the backup");
        engine->waitUntilIdle();
    }
    overwrite(m_config.path, contents(copy));
    (void)port.take();
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x", Since{epoch, 1});
    engine->waitUntilIdle();
    QCOMPARE(port.take(), Lines({"entered x members=1 seq=1 events=1 reason=epoch announced"}));
}

void TestSqliteEpochs::epochsOfARawCopy_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("resumed");
    const auto voided = QStringLiteral("entered x members=1 seq=%1 events=%1 reason=epoch announced");
    QTest::newRow("of a stopped store") << "stopped" << voided.arg(2);
    QTest::newRow("of a stopped store, with its lock file") << "all" << voided.arg(2);
    QTest::newRow("of a stopped store, not opened since") << "not opened since" << voided.arg(2);
    QTest::newRow("of a running store") << "running" << voided.arg(1);
    QTest::newRow("without the lock file") << "no lock file" << voided.arg(2);
}

void TestSqliteEpochs::epochsOfARawCopy()
{
    QFETCH(QString, what);
    QFETCH(QString, resumed);
    ProbePort port;
    QByteArray copy;
    const auto say = [&] {
        const auto engine = open();
        ProbeSession a(*engine, port, "A");
        a.enter("x");
        a.publish("x", "hi");
        engine->waitUntilIdle();
        if (copy.isEmpty() && what == QLatin1String("running")) {
            sqlite::Database other;
            QVERIFY(!other.open(m_config.path, sqlite::OpenMode::Existing));
            QVERIFY(!other.run("PRAGMA wal_checkpoint(TRUNCATE)"));
            copy = contents(m_config.path);
        }
        a.publish("x", "hi");
        engine->waitUntilIdle();
    };
    say();
    const std::string epoch = epochOf(m_config.path);
    if (copy.isEmpty())
        copy = contents(m_config.path);
    const std::string lock = m_config.path + ".lock";
    const QByteArray lockCopy = contents(lock);
    if (what == QLatin1String("stopped") || what == QLatin1String("all"))
        say();
    letTimePass();
    if (what == QLatin1String("no lock file"))
        QVERIFY(QFile::remove(QString::fromStdString(lock)));
    if (what == QLatin1String("all"))
        overwrite(lock, lockCopy);
    overwrite(m_config.path, copy);
    (void)port.take();
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x", Since{epoch, 2});
    engine->waitUntilIdle();
    QCOMPARE(port.take(), Lines({resumed.toStdString()}));
}

void TestSqliteEpochs::epochsAfterAKill_data()
{
    QTest::addColumn<QString>("then");
    QTest::addColumn<bool>("isNew");
    QTest::newRow("nothing") << "" << false;
    QTest::newRow("killed again at once") << "killed" << false;
    QTest::newRow("started and stopped") << "stopped" << false;
    QTest::newRow("backed up") << "backed up" << false;
    QTest::newRow("a start that failed") << "failed" << false;
    QTest::newRow("checked with a tool of SQLite's, which empties the log") << "checked" << false;
    QTest::newRow("a copy of before, and no log") << "copy" << true;
    QTest::newRow("a copy of before, with its log") << "copy with log" << true;
    QTest::newRow("a copy of before, with its log and its lock file") << "whole copy" << true;
    QTest::newRow("nothing said since, and the last run's copy over it") << "silent" << true;
    QTest::newRow("before the new token was committed") << "old token" << false;
    QTest::newRow("before the old token was forgotten") << "both tokens" << false;
    QTest::newRow("no log") << "no log" << true;
    QTest::newRow("an empty log") << "empty log" << true;
}

void TestSqliteEpochs::epochsAfterAKill()
{
    QFETCH(QString, then);
    QFETCH(bool, isNew);
    open().reset();
    const std::string epoch = epochOf(m_config.path);
    const std::string copy = path("copy.db");
    const std::string log = m_config.path + "-wal";
    const std::string lock = m_config.path + ".lock";
    runAndKill([&](SqliteEngine &engine) {
        ProbePort port;
        ProbeSession a(engine, port, "A");
        a.enter("x");
        a.publish("x", "hi");
        engine.waitUntilIdle();
        sqlite::Database other;
        if (other.open(m_config.path, sqlite::OpenMode::Existing) || other.run("PRAGMA wal_checkpoint"))
            ::_exit(1);
        overwrite(copy, contents(m_config.path));
        overwrite(copy + "-wal", contents(log));
        overwrite(copy + ".lock", contents(lock));
        a.publish("x", "after the copy");
        engine.waitUntilIdle();
    });
    QVERIFY(!contents(log).isEmpty());
    if (then == QLatin1String("killed")) {
        runAndKill([](SqliteEngine &) {});
    } else if (then == QLatin1String("stopped")) {
        open().reset();
    } else if (then == QLatin1String("backed up")) {
        std::string why;
        QVERIFY2(sqlite::backUp(m_config.path, path("backup.db"), why), why.c_str());
    } else if (then == QLatin1String("failed")) {
        const FullDisk full;
        std::string why;
        QVERIFY(!SqliteEngine::open(
            m_config, [this] { return m_now.load(); }, why));
    } else if (then == QLatin1String("checked")) {
        sqlite::Database other;
        QVERIFY(!other.open(m_config.path, sqlite::OpenMode::Existing));
        QCOMPARE(other.text("PRAGMA quick_check"), std::string("ok"));
        other.close();
        QVERIFY(!QFile::exists(QString::fromStdString(log)));
    } else if (then == QLatin1String("copy with log") || then == QLatin1String("whole copy")) {
        overwrite(m_config.path, contents(copy));
        overwrite(log, contents(copy + "-wal"));
        if (then == QLatin1String("whole copy"))
            overwrite(lock, fromAnHourAgo(contents(copy + ".lock")));
    } else if (then == QLatin1String("silent")) {
        open().reset(); // empties the log
        runAndKill([](SqliteEngine &) {});
        overwrite(m_config.path, contents(copy));
    } else if (then.endsWith(QLatin1String("token")) || then.endsWith(QLatin1String("tokens"))) {
        open().reset();
        QList<QByteArray> lines = contents(lock).split('\n');
        const QByteArray token = lines[0].first(lines[0].indexOf(' '));
        if (then == QLatin1String("old token")) {
            lines[2] = "next";
        } else {
            lines[0] = "former" + lines[0].sliced(token.size());
            lines[2] = token;
        }
        overwrite(lock, lines.join('\n'));
    } else if (then == QLatin1String("empty log")) {
        overwrite(log, {});
    } else if (!then.isEmpty()) {
        if (then == QLatin1String("copy"))
            overwrite(m_config.path, contents(copy));
        QVERIFY(QFile::remove(QString::fromStdString(log)));
        (void)QFile::remove(QString::fromStdString(m_config.path + "-shm"));
    }
    const auto engine = open();
    QCOMPARE(epochOf(m_config.path) != epoch, isNew);
}

void TestSqliteEpochs::lockFileOfAnOlderVersion()
{
    open().reset();
    const std::string epoch = epochOf(m_config.path);
    const std::string lock = m_config.path + ".lock";
    const QByteArray note = contents(lock);
    QVERIFY(note.contains(" closed "));
    overwrite(lock, note.first(note.indexOf(' '))); // it has only the token
    open().reset();
    QCOMPARE(epochOf(m_config.path), epoch);
}

void TestSqliteEpochs::logOfAnotherFile()
{
    ProbePort port;
    const std::string copy = path("copy.db");
    const std::string log = m_config.path + "-wal";
    QByteArray oldLog;
    std::string why;
    {
        const auto engine = open();
        ProbeSession a(*engine, port, "A");
        a.enter("x");
        a.publish("x", "hi");
        engine->waitUntilIdle();
        QVERIFY2(sqlite::backUp(m_config.path, copy, why), why.c_str());
        a.publish("x", "hi");
        engine->waitUntilIdle();
        oldLog = contents(log);
    }
    overwrite(m_config.path, contents(copy));
    overwrite(log, oldLog);
    QVERIFY(!SqliteEngine::open(
        m_config, [this] { return m_now.load(); }, why));
    QVERIFY2(why.find("delete " + log) != std::string::npos, why.c_str());
    QVERIFY(contents(m_config.path) == contents(copy));
    QVERIFY(contents(log) == oldLog);
    QVERIFY(QFile::remove(QString::fromStdString(log)));
    QVERIFY(open());
}

void TestSqliteEpochs::closedBesideAReader_data()
{
    QTest::addColumn<bool>("isLogKept");
    QTest::newRow("who empties the log") << true;
    QTest::newRow("and the log is lost") << false;
}

/// A shell or a replication tool that closes the database after the server.
void TestSqliteEpochs::closedBesideAReader()
{
    QFETCH(bool, isLogKept);
    ProbePort port;
    sqlite::Database reader;
    std::string epoch;
    {
        const auto engine = open();
        ProbeSession a(*engine, port, "A");
        a.enter("x");
        QVERIFY(!reader.open(m_config.path, sqlite::OpenMode::Existing));
        QVERIFY(!reader.run("BEGIN"));
        QCOMPARE(reader.number("SELECT count(*) FROM messages"), std::int64_t(0));
        a.publish("x", "hi");
        engine->waitUntilIdle();
        epoch = epochOf(m_config.path);
    }
    const std::string log = m_config.path + "-wal";
    QVERIFY(QFile::exists(QString::fromStdString(log)));
    const QByteArray withoutLog = contents(m_config.path);
    reader.close();
    QVERIFY(!QFile::exists(QString::fromStdString(log)));
    if (!isLogKept)
        overwrite(m_config.path, withoutLog);
    (void)port.take();
    const auto engine = open();
    QCOMPARE(epochOf(m_config.path) == epoch, isLogKept);
    if (isLogKept) {
        ProbeSession a(*engine, port, "A");
        a.enter("x", Since{epoch, 0});
        engine->waitUntilIdle();
        QCOMPARE(port.take(), Lines({"entered x members=1 seq=1 events=1 recovered announced"}));
    }
}

void TestSqliteEpochs::copyMayBeKilled()
{
    open().reset();
    const std::string copy = path("copy #1?.db"); // with what means something in a URI
    std::string why;
    QVERIFY2(sqlite::backUp(m_config.path, copy, why), why.c_str());
    m_config.path = copy;
    ProbePort port;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    a.publish("x", "hi");
    engine->waitUntilIdle();
    // What a kill would leave now.
    const std::string left = path("left.db");
    overwrite(left, contents(copy));
    overwrite(left + "-wal", contents(copy + "-wal"));
    m_config.path = left;
    const auto next = open();
    ProbeSession b(*next, port, "B");
    (void)port.take();
    b.enter("x");
    next->waitUntilIdle();
    QCOMPARE(port.take(), Lines({"entered x members=1 seq=1 events=1 announced"}));
}

void TestSqliteEpochs::unknownBoot()
{
    int epochs = 0;
    const sqlite::StoreConfig config{.path = m_config.path,
                                     .drawEpoch = [&epochs] { return "epoch" + std::to_string(++epochs); }};
    std::string why;
    QVERIFY(sqlite::StoreFile::open(config, why)); // and ends without a close
    auto file = sqlite::StoreFile::open(config, why);
    QVERIFY2(file, why.c_str());
    QVERIFY(file->hasNewEpochs());
    file->closeCleanly();
    file.reset();
    file = sqlite::StoreFile::open(config, why);
    QVERIFY2(file, why.c_str());
    QVERIFY(!file->hasNewEpochs());
}

void TestSqliteEpochs::factThatCannotBeRead()
{
    open().reset();
    sqlite::Database database;
    QVERIFY(!database.open(m_config.path, sqlite::OpenMode::Existing));
    QVERIFY(!database.run(
        "ALTER TABLE facts RENAME TO kept; INSERT INTO kept VALUES('unclosed', 'another boot');"
        "CREATE VIEW facts AS SELECT name, CASE name WHEN 'unclosed' THEN abs(-9223372036854775808) "
        "ELSE value END AS value FROM kept;"
        "CREATE TRIGGER adding INSTEAD OF INSERT ON facts BEGIN "
        "INSERT OR REPLACE INTO kept VALUES(new.name, new.value); END;"
        "CREATE TRIGGER erasing INSTEAD OF DELETE ON facts BEGIN DELETE FROM kept WHERE name = old.name; "
        "END"));
    database.close();
    std::string why;
    QVERIFY(!SqliteEngine::open(
        m_config, [this] { return m_now.load(); }, why));
    QVERIFY2(why.find("integer overflow") != std::string::npos, why.c_str());
}

QTEST_APPLESS_MAIN(TestSqliteEpochs)
#include "tst_sqlite_epochs.moc"
