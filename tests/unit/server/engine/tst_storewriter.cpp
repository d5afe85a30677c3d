// SPDX-License-Identifier: MIT
// The writing thread by itself, on a database that fails in the middle of what it does.
#include "server/engine/lockedroom.h"
#include "server/engine/sqlite/schema.h"
#include "server/engine/sqlite/writer.h"
#include "tests/support/testclass.h"
#include "tests/unit/server/engine/engineprobe.h"
#include "tests/unit/server/engine/sqlitecase.h"

#include <QFile>
#include <QTest>

using namespace parlor;
using namespace parlor::sqlite;
using Lines = std::vector<std::string>;

namespace {

/// Where the writer's messages come from and go to: rooms, and the one who says everything.
class Rooms final : public MessageStore::Listener
{
public:
    Rooms()
    {
        m_caller.port = &m_port;
        m_caller.identity = std::make_shared<const Identity>(Identity{"A", "A", "A"});
    }

    RoomPointer make(const char *name, std::uint64_t seq = 0)
    {
        auto room = std::make_shared<LockedRoom>(
            Room(std::make_shared<const std::string>(name), "epoch", History::Keeping::InStore),
            LockedRoom::State::Ready, true, m_bytes);
        room->room.history().restore({{seq, {}}});
        return room;
    }
    [[nodiscard]] Post message(const RoomPointer &room, std::string content, std::string cid = {}) const
    {
        return {room, m_caller, {room->room.name(), {}, {}, std::move(cid), std::move(content), {}}};
    }
    [[nodiscard]] Lines take() { return std::exchange(m_lines, {}); }

    std::uint64_t announcedTop(const Post &post) const override
    {
        return post.room->room.history().top().seq;
    }
    void onKept(std::span<Post> posts) override
    {
        for (Post &post : posts) {
            const std::string name = *post.room->room.name();
            if (post.duplicateOf) {
                m_lines.push_back("known " + name + ' ' + std::to_string(post.duplicateOf->seq));
                continue;
            }
            m_lines.push_back("kept " + name + ' ' + std::to_string(post.entry.seq));
            post.room->room.add(post.caller, std::move(post.request), std::move(post.entry), post.isDurable);
        }
    }
    void onRefused(std::span<Post> posts) override
    {
        for (const Post &post : posts)
            m_lines.push_back("refused " + *post.room->room.name());
    }
    void onDropped(const std::string &, const MessagePlace &) override {}
    void onSanctions(SanctionsPtr) override {}
    void onKicked(const delivery::Kicked &) override {}

private:
    ProbePort m_port;
    Caller m_caller;
    Lines m_lines;
    std::atomic<std::uint64_t> m_bytes{0};
};

} // namespace

class TestStoreWriter : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void failureInTheMiddle_data();
    void failureInTheMiddle();
    void anotherProgramWrites();
    void statesAreToldNowAndThen();
    void filesThatGoAway_data();
    void filesThatGoAway();
    void retentionOverManyRooms();
    void retentionOfLargeMessages_data();
    void retentionOfLargeMessages();
    void retentionThatFails_data();
    void retentionThatFails();

private:
    void say(std::vector<Post> posts)
    {
        for (Post &post : posts)
            QCOMPARE(m_writer->push(std::move(post)), MessageStore::Accepted::Yes);
        m_writer->flush();
        m_writer->waitUntilIdle();
    }

    std::atomic<std::chrono::milliseconds> m_now{std::chrono::milliseconds(1'700'000'000'000)};
    std::unique_ptr<QTemporaryDir> m_folder;
    std::string m_path;
    std::unique_ptr<Database> m_database; ///< the writer's, until it is stopped
    Lines m_log;
    std::unique_ptr<StoreLog> m_storeLog;
    std::unique_ptr<Rooms> m_rooms;
    std::unique_ptr<Writer> m_writer;
};

void TestStoreWriter::init()
{
    m_writer.reset();
    m_database = std::make_unique<Database>();
    m_folder = std::make_unique<QTemporaryDir>();
    m_path = m_folder->filePath(QStringLiteral("parlor.db")).toStdString();
    QVERIFY(!m_database->open(m_path, OpenMode::Create));
    // With so small a cache, pages get into the log long before they are committed.
    QVERIFY(!m_database->run("PRAGMA journal_mode = WAL; PRAGMA cache_size = 8"));
    QVERIFY(!bringUpToDate(*m_database, schemaSteps()));
    m_rooms = std::make_unique<Rooms>();
    m_log.clear();
    m_storeLog =
        std::make_unique<StoreLog>(m_path, "a limit",
                                   StoreLog::Sinks{[this](const std::string &text) { m_log.push_back(text); },
                                                   [](const std::string &) {}});
    m_writer = std::make_unique<Writer>(
        *m_database, RetentionLimits{}, [this] { return m_now.load(); }, *m_storeLog, Writer::Limits{});
    QVERIFY(!m_writer->prepare());
    m_writer->start(*m_rooms);
}

void TestStoreWriter::failureInTheMiddle_data()
{
    QTest::addColumn<int>("frames"); // of the log, until the disk is full
    for (int frames = 0; frames < 30; ++frames)
        QTest::addRow("%d", frames) << frames;
}

void TestStoreWriter::failureInTheMiddle()
{
    QFETCH(int, frames);
    const RoomPointer room = m_rooms->make("x");
    say({m_rooms->message(room, "\"first\"", "cid")});
    QCOMPARE(m_rooms->take(), Lines({"kept x 1"}));
    {
        constexpr int kFrameBytes = 4096 + 24;
        const qint64 log = QFile(QString::fromStdString(m_path + "-wal")).size();
        const FullDisk full(static_cast<rlim_t>(log + frames * kFrameBytes));
        say({m_rooms->message(room, '"' + std::string(60'000, 'y') + '"'),
             m_rooms->message(room, "\"first\"", "cid"), m_rooms->message(room, "\"small\"")});
    }
    // Whatever was refused is not there, whatever was not refused is.
    Database other;
    QVERIFY(!other.open(m_path, OpenMode::Existing));
    const auto kept = static_cast<std::uint64_t>(other.number("SELECT count(*) FROM messages"));
    QCOMPARE(room->room.history().top().seq, kept);
    if (kept == 1)
        QCOMPARE(m_rooms->take(), Lines({"refused x", "refused x", "refused x"}));
    else
        QCOMPARE(m_rooms->take(), Lines({"kept x 2", "known x 1", "kept x 3"}));
    say({m_rooms->message(room, "\"after\"")});
    QCOMPARE(m_rooms->take(), Lines({"kept x " + std::to_string(kept + 1)}));
}

/// It cannot be known what else that program does: it is refused, and the log says so.
void TestStoreWriter::anotherProgramWrites()
{
    const RoomPointer x = m_rooms->make("x");
    const RoomPointer y = m_rooms->make("y");
    say({m_rooms->message(x, "\"hi\"")});
    Database other;
    QVERIFY(!other.open(m_path, OpenMode::Existing));
    QVERIFY(!other.run("INSERT INTO messages VALUES(1, 2, 0, '', '')"));
    say({m_rooms->message(y, "\"hi\""), m_rooms->message(x, "\"hi\"", "cid")});
    say({m_rooms->message(y, "\"hi\"")});
    QCOMPARE(m_rooms->take(), Lines({"kept x 1", "refused y", "refused x", "refused y"}));
    QCOMPARE(m_log.size(), std::size_t(1));
    QVERIFY2(
        m_log[0].ends_with("another program has written the message 2 of the room \"x\"; end that program, "
                           "and start the server again"),
        m_log[0].c_str());
    QVERIFY(!m_writer->isDamaged());
    QCOMPARE(other.number("SELECT count(*) FROM messages"), std::int64_t(2));
}

void TestStoreWriter::statesAreToldNowAndThen()
{
    const RoomPointer room = m_rooms->make("x");
    for (int i = 0; i < 20; ++i) {
        {
            const FullDisk full;
            say({m_rooms->message(room, "\"lost\"")});
        }
        say({m_rooms->message(room, "\"kept\"")});
    }
    QCOMPARE(m_log.size(), std::size_t(2)); // of the first time, and that it was over
    QVERIFY(m_log.front().find(" cannot be written, ") != std::string::npos);
    QVERIFY(m_log.back().ends_with(" can be written again"));
    m_now = m_now.load() + std::chrono::seconds(10);
    const FullDisk full;
    say({m_rooms->message(room, "\"lost\"")});
    QCOMPARE(m_log.size(), std::size_t(3));
}

void TestStoreWriter::filesThatGoAway_data()
{
    QTest::addColumn<QString>("suffix");
    QTest::addColumn<QByteArray>("advice");
    QTest::newRow("the database") << QString() << QByteArray("/parlor.db-shm, and start it again");
    QTest::newRow("its log") << QStringLiteral("-wal") << QByteArray("stop the server, and start it again");
}

void TestStoreWriter::filesThatGoAway()
{
    QFETCH(QString, suffix);
    QFETCH(QByteArray, advice);
    const QString file = QString::fromStdString(m_path) + suffix;
    const QString elsewhere = file + QStringLiteral(".away");
    const RoomPointer room = m_rooms->make("x");
    say({m_rooms->message(room, "\"before\"")});
    QVERIFY(QFile::rename(file, elsewhere));
    say({m_rooms->message(room, "\"lost\"")});
    QVERIFY(QFile::copy(elsewhere, file)); // of the same contents
    say({m_rooms->message(room, "\"lost\"")});
    QCOMPARE(m_rooms->take(), Lines({"kept x 1", "refused x", "refused x"}));
    QCOMPARE(m_log.size(), std::size_t(1));
    const std::string &text = m_log.front();
    QVERIFY2(text.find(": " + file.toStdString() + " was removed or replaced") != std::string::npos,
             text.c_str());
    QVERIFY2(text.ends_with(advice.toStdString()), text.c_str());
    QVERIFY(QFile::remove(file));
    QVERIFY(QFile::rename(elsewhere, file));
    say({m_rooms->message(room, "\"kept\"")});
    QCOMPARE(m_rooms->take(), Lines({"kept x 2"}));
    QCOMPARE(m_log.size(), std::size_t(2));
    QVERIFY(m_log.back().ends_with(" can be written again"));
}

void TestStoreWriter::retentionOverManyRooms()
{
    m_writer->stop();
    QVERIFY(!m_database->run(
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 600) "
        "INSERT INTO rooms(id, name, seq) SELECT n, 'room' || n, 0 FROM numbers;"
        "INSERT INTO messages SELECT id, 1, 0, '', '' FROM rooms;"
        "INSERT INTO messages SELECT id, 2, 0, '', '' FROM rooms"));
    StoreWriter store(*m_database);
    QVERIFY(!store.prepare());
    Retention retention({.messages = 1});
    Retention::Step step;
    do {
        step = retention.step(store, m_now);
        QVERIFY2(!step.problem, step.problem.text.c_str());
    } while (step.more);
    QCOMPARE(m_database->number("SELECT count(*) FROM messages"), 600);
}

void TestStoreWriter::retentionOfLargeMessages_data()
{
    QTest::addColumn<int>("bytes"); // of a frame
    QTest::addColumn<int>("rows");  // dropped in a step
    QTest::newRow("small") << 100 << 1000;
    QTest::newRow("a thousand of a kilobyte") << 1024 << 1000;
    QTest::newRow("not a thousand of two") << 2048 << 512;
    QTest::newRow("as large as clients may send") << 60'000 << 18;
    QTest::newRow("larger than a step") << (3 << 20) << 1;
}

/// All commits wait for a step: what it drops is bounded in bytes, too.
void TestStoreWriter::retentionOfLargeMessages()
{
    QFETCH(int, bytes);
    QFETCH(int, rows);
    m_writer->stop();
    const int messages = 2 * rows + 1;
    const std::string frames = // of two bytes a character
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < " +
        std::to_string(messages) + ") INSERT INTO messages SELECT 1, n, 0, '', replace(hex(zeroblob(" +
        std::to_string(bytes / 4) + ")), '0', '\u00e9') FROM numbers";
    QVERIFY(!m_database->run("INSERT INTO rooms(id, name, seq) VALUES(1, 'x', 0)"));
    QVERIFY(!m_database->run(frames.c_str()));
    QCOMPARE(m_database->number("SELECT min(length(CAST(frame AS BLOB))) FROM messages"), bytes);
    StoreWriter store(*m_database);
    QVERIFY(!store.prepare());
    Retention retention({.messages = 1});
    for (int step = 0; step < 2; ++step) {
        const Retention::Step done = retention.step(store, m_now);
        QVERIFY2(!done.problem, done.problem.text.c_str());
        QCOMPARE(done.dropped.size(), std::size_t(1));
        QCOMPARE(done.dropped[0].count, static_cast<std::uint64_t>(rows));
        QVERIFY(done.more);
    }
    const Retention::Step last = retention.step(store, m_now);
    QVERIFY(last.dropped.empty());
    QVERIFY(!last.more);
    QCOMPARE(m_database->number("SELECT min(seq) FROM messages"), messages);
}

void TestStoreWriter::retentionThatFails_data()
{
    QTest::addColumn<QByteArray>("how");
    QTest::newRow("reading") << QByteArray("ALTER TABLE messages RENAME TO gone");
    QTest::newRow("dropping") << QByteArray("CREATE TRIGGER held BEFORE DELETE ON messages BEGIN "
                                            "SELECT RAISE(ABORT, 'held'); END");
    QTest::newRow("dropping resends") << QByteArray("ALTER TABLE resends RENAME TO gone");
}

void TestStoreWriter::retentionThatFails()
{
    QFETCH(QByteArray, how);
    m_writer->stop();
    QVERIFY(!m_database->run("INSERT INTO rooms(id, name, seq) VALUES(1, 'x', 0);"
                             "INSERT INTO messages VALUES(1, 1, 0, '', ''), (1, 2, 0, '', '')"));
    StoreWriter store(*m_database);
    QVERIFY(!store.prepare());
    Retention retention({.messages = 1});
    Database other; // such that the statements were prepared before
    QVERIFY(!other.open(m_path, OpenMode::Existing));
    QVERIFY(!other.run(how.constData()));
    const Retention::Step step = retention.step(store, m_now);
    QVERIFY(step.problem);
    QVERIFY(step.dropped.empty());
    QVERIFY(!m_database->isInTransaction());
}

PARLOR_TEST(TestStoreWriter)
#include "tst_storewriter.moc"
