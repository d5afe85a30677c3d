// SPDX-License-Identifier: MIT
// What a client's position is worth after the database was copied, restored, cut or killed.
#include "server/engine/sqlite/backup.h"
#include "tests/support/testclass.h"
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

class TestSqlitePositions : public SqliteCase
{
    Q_OBJECT
private Q_SLOTS:
    void restoredBackup_data();
    void restoredBackup();
    void touchedWhileStopped_data();
    void touchedWhileStopped();
    void killed_data();
    void killed();
    void cutLog();
    void retention_data();
    void retention();
    void restartInTheMiddleOfPages();
    void positionsBehindMemory();
    void logOfAnotherFile();
    void logOfAnotherInode();
    void closedBesideAReader();
    void copyMayBeKilled();
    void factThatCannotBeRead_data();
    void factThatCannotBeRead();

private:
    /// The same file, with other contents: as cp does.
    static void overwrite(const std::string &path, const QByteArray &contents);
    [[nodiscard]] static QByteArray contents(const std::string &path);
    /// Messages in the room x by a server that is started and stopped for it.
    void say(int messages);
    /// Where clients stand after each message, the first entry before all.
    [[nodiscard]] std::vector<Since> positions(std::uint64_t last);
    /// What a client hears that comes with it.
    [[nodiscard]] std::string resumed(StoredEngine &engine, const Since &since);
    /// Another process opens the store, runs that, and is killed.
    void runAndKill(const std::function<void(StoredEngine &engine)> &run);
};

void TestSqlitePositions::overwrite(const std::string &path, const QByteArray &contents)
{
    QFile file(QString::fromStdString(path));
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    QCOMPARE(file.write(contents), contents.size());
}

QByteArray TestSqlitePositions::contents(const std::string &path)
{
    QFile file(QString::fromStdString(path));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void TestSqlitePositions::say(int messages)
{
    ProbePort port;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    for (int i = 0; i < messages; ++i)
        a.publish("x", "hi");
    engine->waitUntilIdle();
}

std::vector<Since> TestSqlitePositions::positions(std::uint64_t last)
{
    ProbePort port;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    std::vector<Since> all;
    for (std::uint64_t seq = 0; seq <= last; ++seq)
        all.push_back(position(*engine, epochOf(m_config.path), seq));
    return all;
}

std::string TestSqlitePositions::resumed(StoredEngine &engine, const Since &since)
{
    ProbePort port;
    ProbeSession a(engine, port, "A");
    a.enter("x", since);
    engine.waitUntilIdle();
    const std::string heard = port.take().at(0);
    engine.detach(a.caller);
    engine.depart(a.caller, a.rooms("x"), Departure::Closed);
    return heard.substr(heard.find("seq="), heard.rfind(" announced") - heard.find("seq="));
}

void TestSqlitePositions::runAndKill(const std::function<void(StoredEngine &engine)> &run)
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

// ---- copies

void TestSqlitePositions::restoredBackup_data()
{
    QTest::addColumn<int>("saidSince"); // on the restored server
    QTest::addColumn<int>("position");  // the backup was made after 5 of 8
    QTest::addColumn<QString>("heard");
    QTest::newRow("at the start") << 0 << 0 << "seq=5 events=5 recovered";
    QTest::newRow("below the backup") << 0 << 3 << "seq=5 events=2 recovered";
    QTest::newRow("at the backup") << 0 << 5 << "seq=5 events=0 recovered";
    QTest::newRow("above the backup") << 0 << 6 << "seq=5 events=5 reason=ahead";
    QTest::newRow("below, and others said since") << 2 << 3 << "seq=7 events=4 recovered";
    QTest::newRow("at, and others said since") << 2 << 5 << "seq=7 events=2 recovered";
    QTest::newRow("above, where others are now") << 2 << 6 << "seq=7 events=7 reason=diverged";
    QTest::newRow("at the new top") << 2 << 7 << "seq=7 events=7 reason=diverged";
    QTest::newRow("above the new top") << 2 << 8 << "seq=7 events=7 reason=ahead";
    QTest::newRow("gone past by far") << 5 << 8 << "seq=10 events=10 reason=diverged";
}

void TestSqlitePositions::restoredBackup()
{
    QFETCH(int, saidSince);
    QFETCH(int, position);
    QFETCH(QString, heard);
    const std::string copy = path("copy.db");
    say(5);
    const std::string epoch = epochOf(m_config.path);
    QVERIFY(sqlite::backUp(m_config.path, copy));
    QVERIFY(!sqlite::backUp(m_config.path, copy)); // never over a file
    say(3);
    const std::vector<Since> before = positions(8);
    overwrite(m_config.path, contents(copy));
    say(saidSince);
    QCOMPARE(epochOf(m_config.path), epoch);
    const auto engine = open();
    QCOMPARE(QString::fromStdString(resumed(*engine, before.at(std::size_t(position)))), heard);
}

void TestSqlitePositions::touchedWhileStopped_data()
{
    QTest::addColumn<QByteArray>("command");
    QTest::newRow("nothing") << QByteArray("true");
    QTest::newRow("touch") << QByteArray("touch parlor.db");
    QTest::newRow("chmod") << QByteArray("chmod 640 parlor.db");
    QTest::newRow("cp -a") << QByteArray("cp -a parlor.db new && rm parlor.db && mv new parlor.db");
    QTest::newRow("hard link") << QByteArray("ln parlor.db other && rm other");
    QTest::newRow("mv there and back") << QByteArray("mv parlor.db other && mv other parlor.db");
    QTest::newRow("another folder") << QByteArray("mkdir d && mv parlor.db* d && mv d/* . && rmdir d");
    QTest::newRow("quick_check") << QByteArray("rm -f parlor.db-wal parlor.db-shm");
}

void TestSqlitePositions::touchedWhileStopped()
{
    QFETCH(QByteArray, command);
    say(5);
    const std::vector<Since> before = positions(5);
    const QByteArray inFolder = "cd '" + m_folder->path().toUtf8() + "' && " + command;
    QCOMPARE(std::system(inFolder.constData()), 0);
    const auto engine = open();
    QCOMPARE(resumed(*engine, before[3]), std::string("seq=5 events=2 recovered"));
    QCOMPARE(resumed(*engine, before[5]), std::string("seq=5 events=0 recovered"));
}

// ---- kills

void TestSqlitePositions::killed_data()
{
    QTest::addColumn<int>("said");
    for (int said = 0; said < 4; ++said)
        QTest::addRow("after %d", said) << said;
}

/// At the start, after a message, twice in a row: whoever had heard of a message goes on.
void TestSqlitePositions::killed()
{
    QFETCH(int, said);
    say(2);
    runAndKill([said](StoredEngine &engine) {
        auto &port = *new ProbePort; // it must live until the kill
        ProbeSession a(engine, port, "A");
        a.enter("x");
        for (int i = 0; i < said; ++i)
            a.publish("x", "hi");
        engine.waitUntilIdle();
        a.publish("x", "under way");
        engine.flush();
    });
    runAndKill([](StoredEngine &) {});
    const std::vector<Since> heard = positions(std::uint64_t(said) + 2);
    runAndKill([](StoredEngine &) {});
    const auto engine = open();
    for (std::size_t i = 0; i < heard.size(); ++i)
        QVERIFY2(resumed(*engine, heard[i]).ends_with("recovered"), resumed(*engine, heard[i]).c_str());
}

/// What a loss of power may do. Never a silent hole: whoever had more is told.
void TestSqlitePositions::cutLog()
{
    std::vector<Since> heard;
    say(1);
    runAndKill([](StoredEngine &engine) {
        ProbePort port;
        ProbeSession a(engine, port, "A");
        a.enter("x");
        for (int i = 0; i < 9; ++i) {
            a.publish("x", "hi");
            engine.waitUntilIdle(); // a commit each
        }
    });
    const std::string log = m_config.path + "-wal";
    const QByteArray file = contents(m_config.path);
    const QByteArray whole = contents(log);
    heard = positions(10);
    for (qsizetype cut = 0; cut <= whole.size(); cut += whole.size() / 20) {
        overwrite(m_config.path, file);
        overwrite(log, whole.first(whole.size() - cut));
        (void)QFile::remove(QString::fromStdString(m_config.path + "-shm"));
        std::uint64_t top = 0;
        for (const char *when : {"at once", "after others"}) {
            const auto engine = open();
            for (const Since &since : heard) {
                const std::string text = resumed(*engine, since);
                if (QByteArray(when) == "at once")
                    top = std::stoul(text.substr(4));
                const bool isCommon = since.seq <= top;
                QVERIFY2(text.ends_with("recovered") == isCommon, text.c_str());
                QVERIFY2(isCommon || text.ends_with("ahead") || text.ends_with("diverged"), text.c_str());
            }
            ProbePort port;
            ProbeSession b(*engine, port, "B");
            b.enter("x");
            for (int i = 0; i < 5; ++i)
                b.publish("x", "another");
            engine->waitUntilIdle();
        }
    }
}

// ---- what a store drops, and what memory has not

void TestSqlitePositions::retention_data()
{
    QTest::addColumn<int>("position"); // of 20, the newest 5 are kept
    QTest::addColumn<QString>("heard");
    QTest::newRow("the start") << 0 << "seq=20 events=5 reason=too_old";
    QTest::newRow("below the floor") << 14 << "seq=20 events=5 reason=too_old";
    QTest::newRow("the floor") << 15 << "seq=20 events=5 recovered";
    QTest::newRow("above the floor") << 16 << "seq=20 events=4 recovered";
}

void TestSqlitePositions::retention()
{
    QFETCH(int, position);
    QFETCH(QString, heard);
    say(20);
    const Since since = positions(20).at(std::size_t(position));
    m_config.retention.messages = 5;
    for (int start = 0; start < 2; ++start) {
        const auto engine = open();
        if (start == 0)
            QTRY_COMPARE(engine->storeFigures()->dropped, std::uint64_t(15));
        QCOMPARE(QString::fromStdString(resumed(*engine, since)), heard);
        Since other = since;
        other.id = "01UNKNOWN";
        if (position > 14)
            QVERIFY(resumed(*engine, other).ends_with("reason=diverged"));
    }
}

void TestSqlitePositions::restartInTheMiddleOfPages()
{
    say(450);
    const Since since = positions(20).at(20);
    ProbePort port;
    std::vector<std::string> heard;
    {
        const auto engine = open();
        ProbeSession a(*engine, port, "A");
        a.enter("x", since);
        engine->waitUntilIdle();
        QCOMPARE(port.take(), Lines({"entered x members=1 seq=450 events=200 recovered more announced"}));
    }
    const Since later = positions(220).at(220);
    const auto engine = open();
    QCOMPARE(resumed(*engine, later), std::string("seq=450 events=200 recovered more"));
}

/// Their messages are read from the store, with the page that follows, in one read.
void TestSqlitePositions::positionsBehindMemory()
{
    say(50);
    const std::vector<Since> at = positions(50);
    m_engineConfig.rooms.historyBytes = 1; // memory has none
    const auto engine = open();
    QCOMPARE(resumed(*engine, at[50]), std::string("seq=50 events=0 recovered")); // the room is loaded
    const std::uint64_t before = engine->storeFigures()->reads;
    QCOMPARE(resumed(*engine, at[10]), std::string("seq=50 events=40 recovered"));
    QCOMPARE(engine->storeFigures()->reads - before, std::uint64_t(1));
    QCOMPARE(resumed(*engine, {at[10].epoch, 10, at[11].id}),
             std::string("seq=50 events=50 reason=diverged"));
}

// ---- logs that may be another file's

void TestSqlitePositions::logOfAnotherFile()
{
    ProbePort port;
    const std::string copy = path("copy.db");
    const std::string log = m_config.path + "-wal";
    QByteArray oldLog;
    {
        const auto engine = open();
        ProbeSession a(*engine, port, "A");
        a.enter("x");
        a.publish("x", "hi");
        engine->waitUntilIdle();
        QVERIFY(sqlite::backUp(m_config.path, copy));
        a.publish("x", "hi");
        engine->waitUntilIdle();
        oldLog = contents(log);
    }
    overwrite(m_config.path, contents(copy));
    overwrite(log, oldLog);
    const std::string why = whyNot();
    QVERIFY2(why.find("delete " + log) != std::string::npos, why.c_str());
    QVERIFY(contents(m_config.path) == contents(copy));
    QVERIFY(contents(log) == oldLog);
    QVERIFY(QFile::remove(QString::fromStdString(log)));
    QVERIFY(open());
}

/// As cp -a of a killed server's files leaves it: it is read as a whole, and used if it is well.
void TestSqlitePositions::logOfAnotherInode()
{
    say(2);
    runAndKill([](StoredEngine &engine) {
        ProbePort port;
        ProbeSession a(engine, port, "A");
        a.enter("x");
        a.publish("x", "hi");
        engine.waitUntilIdle();
    });
    const std::string moved = path("moved.db");
    overwrite(moved, contents(m_config.path));
    overwrite(moved + "-wal", contents(m_config.path + "-wal"));
    const std::vector<Since> at = positions(3);
    m_config.path = moved;
    QCOMPARE(resumed(*open(), at[2]), std::string("seq=3 events=1 recovered"));
}

/// A shell or a replication tool that closes the database after the server.
void TestSqlitePositions::closedBesideAReader()
{
    open().reset();
    ProbePort port;
    sqlite::Database reader;
    Since since;
    {
        const auto engine = open();
        ProbeSession a(*engine, port, "A");
        a.enter("x");
        QVERIFY(!reader.open(m_config.path, sqlite::OpenMode::Existing));
        QVERIFY(!reader.run("BEGIN"));
        QCOMPARE(reader.number("SELECT count(*) FROM messages"), std::int64_t(0));
        a.publish("x", "hi");
        engine->waitUntilIdle();
        since = position(*engine, epochOf(m_config.path), 1);
    }
    const std::string log = m_config.path + "-wal";
    QVERIFY(QFile::exists(QString::fromStdString(log)));
    const QByteArray withoutLog = contents(m_config.path);
    reader.close();
    QVERIFY(!QFile::exists(QString::fromStdString(log)));
    QCOMPARE(resumed(*open(), since), std::string("seq=1 events=0 recovered"));
    overwrite(m_config.path, withoutLog);
    QCOMPARE(resumed(*open(), since), std::string("seq=0 events=0 reason=ahead"));
}

void TestSqlitePositions::copyMayBeKilled()
{
    open().reset();
    const std::string copy = path("copy #1?.db"); // with what means something in a URI
    QVERIFY(sqlite::backUp(m_config.path, copy));
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
    const std::string epoch = epochOf(copy);
    m_config.path = left;
    QCOMPARE(resumed(*open(), {epoch, 0}), std::string("seq=1 events=1 recovered"));
}

void TestSqlitePositions::factThatCannotBeRead_data()
{
    QTest::addColumn<QByteArray>("name");
    for (const char *name : {"copied", "epoch", "inode"})
        QTest::newRow(name) << QByteArray(name);
}

void TestSqlitePositions::factThatCannotBeRead()
{
    QFETCH(QByteArray, name);
    open().reset();
    sqlite::Database database;
    QVERIFY(!database.open(m_config.path, sqlite::OpenMode::Existing));
    const std::string mark = "INSERT OR IGNORE INTO facts VALUES('" + name.toStdString() +
                             "', ''); ALTER TABLE facts RENAME TO kept";
    const std::string view = "CREATE VIEW facts AS SELECT name, CASE name WHEN '" + name.toStdString() +
                             "' THEN abs(-9223372036854775808) ELSE value END AS value FROM kept";
    QVERIFY(!database.run(mark.c_str()));
    QVERIFY(!database.run(view.c_str()));
    database.close();
    const std::string why = whyNot();
    QVERIFY2(why.find("integer overflow") != std::string::npos, why.c_str());
}

PARLOR_TEST(TestSqlitePositions)
#include "tst_sqlite_positions.moc"
