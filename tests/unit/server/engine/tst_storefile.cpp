// SPDX-License-Identifier: MIT
// Opening a store of an older schema: what the steps make of it, and what is left when one fails or the
// process is killed meanwhile.
#include "server/engine/sqlite/backup.h"
#include "server/engine/sqlite/storefile.h"
#include "tests/support/testclass.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <array>
#include <csignal>
#include <limits>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace parlor::sqlite;

namespace {

constexpr int kMessages = 500;
/// Of any opening that is not to be killed.
constexpr int kNever = std::numeric_limits<int>::max();

/// Where this process kills itself, as kill -9 would.
struct Deadly
{
    int message = kNever; ///< the one that a step comes to
    int commit = kNever;  ///< the one that is about to be made, counted from 1
};
Deadly deadly;
int commits = 0;

void die()
{
    ::kill(::getpid(), SIGKILL);
}

void onMessage(sqlite3_context *context, int, sqlite3_value **arguments)
{
    if (sqlite3_value_int(arguments[0]) == deadly.message)
        die();
    sqlite3_result_int(context, 1);
}

int onCommit(void *)
{
    if (++commits == deadly.commit)
        die();
    return 0;
}

/// Every connection of this process. With so small a cache, a step's pages get into the log long before they
/// are committed.
int prepareConnection(sqlite3 *database, char **, const void *)
{
    sqlite3_create_function(database, "touched", 1, SQLITE_UTF8, nullptr, onMessage, nullptr, nullptr);
    sqlite3_commit_hook(database, onCommit, nullptr);
    sqlite3_exec(database, "PRAGMA cache_size = 10", nullptr, nullptr, nullptr); // reads the file: may fail
    return SQLITE_OK;
}

const char *const kSecondStep = "ALTER TABLE messages ADD COLUMN touched INTEGER NOT NULL DEFAULT 0;"
                                "UPDATE messages SET touched = touched(seq), frame = frame || '!';"
                                "CREATE INDEX touched_messages ON messages(touched)";
const std::array kTwoSteps{schemaSteps()[0], kSecondStep};
const std::array kFailingSteps{schemaSteps()[0], kSecondStep, "UPDATE messages SET absent = 1"};

Deadly atMessage(int number)
{
    return {.message = number};
}

Deadly atCommit(int number)
{
    return {.commit = number};
}

} // namespace

Q_DECLARE_METATYPE(Deadly)

class TestStoreFile : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void olderIsBroughtUpToDate();
    void firstVersion();
    void stepThatFails();
    void newerIsRefused();
    void secondServer();
    void remedies();
    void damagedSchema_data();
    void damagedSchema();
    void whatIsNoFile_data();
    void whatIsNoFile();
    void backupThatFails();
    void heldByAnother_data();
    void heldByAnother();
    void killedInAStep_data();
    void killedInAStep();

private:
    [[nodiscard]] std::string path() const
    {
        return m_folder->filePath(QStringLiteral("parlor.db")).toStdString();
    }
    /// Null, and m_why.
    [[nodiscard]] std::unique_ptr<StoreFile> open(Steps steps)
    {
        auto opened = StoreFile::open({.path = path(),
                                       .drawEpoch = [this] { return "epoch" + std::to_string(++m_epochs); },
                                       .steps = steps});
        if (opened)
            return std::move(opened).value();
        m_why = opened.error().text;
        return nullptr;
    }
    /// What the file says of itself, without any opening of ours: "version messages changed".
    [[nodiscard]] QByteArray state() const;
    [[nodiscard]] QByteArray contents() const
    {
        QFile file(QString::fromStdString(path()));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::string m_why;
    int m_epochs = 0;
};

void TestStoreFile::initTestCase()
{
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(prepareConnection));
}

void TestStoreFile::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_epochs = 0;
    const auto file = open(schemaSteps().first(1));
    QVERIFY2(file, m_why.c_str());
    QVERIFY(!file->database().run(
        "INSERT INTO rooms(name, epoch, seq) VALUES('general', 'e', 0);"
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 500) "
        "INSERT INTO messages SELECT 1, n, n, 'id' || n, hex(zeroblob(1500)) FROM numbers"));
}

QByteArray TestStoreFile::state() const
{
    Database database;
    if (database.open(path(), OpenMode::Existing))
        return "cannot be opened";
    sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr); // it stays as it is
    Statement check;
    if (check.prepare(database, "PRAGMA integrity_check") || !check.step() || check.text(0) != "ok")
        return "damaged";
    const char *const texts = "SELECT count(*) FROM messages WHERE frame LIKE '%!'";
    return QByteArray::number(qint64(database.number("PRAGMA user_version"))) + ' ' +
           QByteArray::number(qint64(database.number("SELECT count(*) FROM messages"))) + ' ' +
           QByteArray::number(qint64(database.number(texts)));
}

void TestStoreFile::olderIsBroughtUpToDate()
{
    QCOMPARE(state(), QByteArray("1 500 0"));
    const auto file = open(kTwoSteps);
    QVERIFY2(file, m_why.c_str());
    QCOMPARE(file->epoch(), std::string("epoch1"));
    QCOMPARE(file->database().number("SELECT sum(touched) FROM messages"), kMessages);
    QCOMPARE(state(), QByteArray("2 500 500"));
}

/// It let the number of a newest message that somebody deleted be used again.
void TestStoreFile::firstVersion()
{
    {
        Database older;
        QVERIFY(!older.open(path(), OpenMode::Existing));
        QVERIFY(!older.run("DELETE FROM messages WHERE seq <= 10;" // by retention
                           "INSERT INTO rooms VALUES(2, 'dropped', 'e', 7);"
                           "INSERT INTO rooms VALUES(3, 'new', 'e', 0);"
                           "INSERT INTO rooms VALUES(4, 'trimmed', 'e', 9);"
                           "INSERT INTO messages VALUES(4, 9, 9, 'id9', '')"));
    }
    const auto file = open(schemaSteps());
    QVERIFY2(file, m_why.c_str());
    QCOMPARE(file->epoch(), std::string("epoch1"));
    QVERIFY(!file->database().run("DELETE FROM messages WHERE seq > 490"));
    QCOMPARE(
        file->database().text("SELECT group_concat(name || ' ' || seq || seq_id || ' ' || floor || floor_id) "
                              "FROM (SELECT * FROM rooms ORDER BY id)"),
        std::string("general 500id500 10,dropped 7 7,new 0 0,trimmed 9id9 8"));
    QCOMPARE(state(), QByteArray("4 481 0"));
    QVERIFY(!file->database().run("DELETE FROM rooms WHERE id = 1"));
    QCOMPARE(state(), QByteArray("4 1 0")); // its messages are gone with it
}

void TestStoreFile::stepThatFails()
{
    QVERIFY(!open(kFailingSteps));
    QVERIFY2(m_why.find(path()) != std::string::npos, m_why.c_str());
    QVERIFY2(m_why.find("no such column: absent") != std::string::npos, m_why.c_str());
    QCOMPARE(state(), QByteArray("1 500 0")); // nor is the step before it kept
    QVERIFY(open(kTwoSteps));
}

void TestStoreFile::newerIsRefused()
{
    QVERIFY(open(kTwoSteps));
    const QByteArray before = contents();
    QVERIFY(!open(schemaSteps().first(1)));
    QVERIFY2(m_why.find("newer version of parlor-server (schema 2, this one knows 1)") != std::string::npos,
             m_why.c_str());
    QVERIFY(contents() == before);
}

void TestStoreFile::remedies()
{
    const auto saysRoom = [](const Problem &problem) {
        return remedy(problem).find("make room") != std::string::npos;
    };
    QVERIFY(saysRoom({SQLITE_FULL, {}}));
    QVERIFY(saysRoom({SQLITE_IOERR_WRITE, {}, EDQUOT}));
    QVERIFY(!saysRoom({SQLITE_IOERR_WRITE, {}, EIO}));
    for (const int code : {SQLITE_READONLY, SQLITE_READONLY_DIRECTORY, SQLITE_CANTOPEN, SQLITE_PERM}) {
        QVERIFY(!saysRoom({code, {}}));
        QVERIFY(remedy({code, {}}).find("the server's user") != std::string::npos);
    }
}

void TestStoreFile::damagedSchema_data()
{
    QTest::addColumn<QByteArray>("change");
    QTest::addColumn<QByteArray>("said");
    const QByteArray remedy("put a backup in its place, without the old -wal and -shm files");
    QTest::newRow("negative version") << QByteArray("PRAGMA user_version = -5")
                                      << QByteArray("another version of parlor-server (schema -5");
    QTest::newRow("no version") << QByteArray("PRAGMA user_version = 0") << remedy;
    for (const char *table : {"facts", "rooms", "messages", "resends"})
        QTest::addRow("without %s", table) << QByteArray("DROP TABLE ") + table << remedy;
}

void TestStoreFile::damagedSchema()
{
    QFETCH(QByteArray, change);
    QFETCH(QByteArray, said);
    {
        Database other;
        QVERIFY(!other.open(path(), OpenMode::Existing));
        QVERIFY(!other.run(change.constData()));
    }
    const QByteArray before = contents();
    QVERIFY(!open(schemaSteps()));
    QVERIFY2(m_why.find(said.constData()) != std::string::npos, m_why.c_str());
    QVERIFY2(m_why.find(path()) != std::string::npos, m_why.c_str());
    QVERIFY(contents() == before);
}

void TestStoreFile::whatIsNoFile_data()
{
    QTest::addColumn<QByteArray>("kind");
    QTest::addColumn<QByteArray>("said");
    QTest::newRow("pipe") << QByteArray("pipe") << QByteArray("it is no file");
    QTest::newRow("folder") << QByteArray("folder") << QByteArray("let the server read and write it");
    QTest::newRow("hard link") << QByteArray("hard link") << QByteArray("it has 2 names (hard links)");
}

void TestStoreFile::whatIsNoFile()
{
    QFETCH(QByteArray, kind);
    QFETCH(QByteArray, said);
    if (kind == "hard link") {
        QCOMPARE(::link(path().c_str(), (path() + ".link").c_str()), 0);
    } else {
        QVERIFY(QFile::remove(QString::fromStdString(path())));
        QCOMPARE(kind == "pipe" ? ::mkfifo(path().c_str(), 0600) : ::mkdir(path().c_str(), 0700), 0);
    }
    QVERIFY(!open(schemaSteps()));
    QVERIFY2(m_why.find(said.constData()) != std::string::npos, m_why.c_str());
}

/// By whichever name it comes.
void TestStoreFile::secondServer()
{
    const auto first = open(schemaSteps());
    QVERIFY2(first, m_why.c_str());
    QCOMPARE(::symlink(path().c_str(), (path() + ".link").c_str()), 0);
    const auto second = StoreFile::open({.path = path() + ".link", .drawEpoch = [] { return "e"; }});
    QVERIFY(!second);
    const std::string why = second.error().text;
    QVERIFY2(why.find("another server uses it") != std::string::npos, why.c_str());
    QVERIFY(!open(schemaSteps()));
}

void TestStoreFile::backupThatFails()
{
    const QStringList before = QDir(m_folder->path()).entryList(QDir::Files);
    {
        std::signal(SIGXFSZ, SIG_IGN);
        rlimit usual{};
        QCOMPARE(::getrlimit(RLIMIT_FSIZE, &usual), 0);
        const rlimit small{256 * 1024, usual.rlim_max};
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &small), 0);
        const auto copied = backUp(path(), m_folder->filePath(QStringLiteral("copy.db")).toStdString());
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &usual), 0);
        QVERIFY(!copied);
    }
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files), before);
}

void TestStoreFile::heldByAnother_data()
{
    QTest::addColumn<QByteArray>("how");
    QTest::addColumn<bool>("mayBeRead");
    QTest::newRow("while it writes") << QByteArray("BEGIN IMMEDIATE") << true;
    QTest::newRow("for itself alone")
        << QByteArray("PRAGMA locking_mode = EXCLUSIVE; BEGIN; UPDATE rooms SET seq = seq; COMMIT") << false;
}

void TestStoreFile::heldByAnother()
{
    QFETCH(QByteArray, how);
    QFETCH(bool, mayBeRead);
    const std::string copy = m_folder->filePath(QStringLiteral("copy.db")).toStdString();
    {
        Database other;
        QVERIFY(!other.open(path(), OpenMode::Existing));
        QVERIFY(!other.run(how.constData()));
        QVERIFY(!open(schemaSteps()));
        QCOMPARE(QString::fromStdString(m_why),
                 QStringLiteral("cannot use the store %1: database is locked; another program uses the "
                                "file: end that one (fuser -v lists it)")
                     .arg(QString::fromStdString(path())));
        const auto copied = backUp(path(), copy);
        QCOMPARE(bool(copied), mayBeRead);
        QCOMPARE(QFile::exists(QString::fromStdString(copy)), mayBeRead);
        if (copied) {
            QCOMPARE(copied->messages, std::uint64_t(kMessages));
            QCOMPARE(qint64(copied->bytes), QFile(QString::fromStdString(copy)).size());
        } else {
            const std::string &why = copied.error().text;
            QVERIFY2(why.find("another program uses the file") != std::string::npos, why.c_str());
        }
    }
    QVERIFY2(open(schemaSteps()), m_why.c_str());
}

void TestStoreFile::killedInAStep_data()
{
    QTest::addColumn<Deadly>("where");
    QTest::addColumn<QByteArray>("left");
    const QByteArray older("1 500 0");
    QTest::newRow("at the first message") << atMessage(1) << older;
    QTest::newRow("in the middle") << atMessage(kMessages / 2) << older;
    QTest::newRow("at the last message") << atMessage(kMessages) << older;
    QTest::newRow("before its commit") << atCommit(1) << older;
    QTest::newRow("after its commit") << atCommit(2) << QByteArray("2 500 500");
}

void TestStoreFile::killedInAStep()
{
    QFETCH(Deadly, where);
    QFETCH(QByteArray, left);
    {
        Database other; // there is a second commit: another file's facts are settled
        QVERIFY(!other.open(path(), OpenMode::Existing));
        QVERIFY(!other.run("UPDATE facts SET value = 'another' WHERE name = 'inode'"));
    }
    const pid_t child = ::fork();
    QVERIFY(child >= 0);
    if (child == 0) {
        deadly = where;
        commits = 0;
        (void)open(kTwoSteps);
        ::_exit(1);
    }
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QVERIFY(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    QVERIFY(QFile::exists(QString::fromStdString(path() + "-wal"))); // it was under way

    const bool isOlder = left.startsWith('1');
    QCOMPARE(open(schemaSteps().first(1)) != nullptr, isOlder);
    QCOMPARE(state(), left);
    const auto file = open(kTwoSteps);
    QVERIFY2(file, m_why.c_str());
    QCOMPARE(file->epoch(), std::string("epoch1"));
    QCOMPARE(state(), QByteArray("2 500 500"));
}

PARLOR_TEST(TestStoreFile)
#include "tst_storefile.moc"
