// SPDX-License-Identifier: MIT
// Messages that grew too old or too many.
#include "tests/support/testclass.h"
#include "tests/unit/server/engine/sqlitecase.h"

#include <QTest>

using namespace parlor;
using Lines = std::vector<std::string>;
using Since = EnterRequest::Since;

namespace {

/// The lines about messages that were dropped. Any thread.
class Told
{
public:
    void add(const std::string &line)
    {
        const std::lock_guard lock(m_mutex);
        m_lines.push_back(line);
    }
    [[nodiscard]] Lines lines()
    {
        const std::lock_guard lock(m_mutex);
        return m_lines;
    }
    void clear()
    {
        const std::lock_guard lock(m_mutex);
        m_lines.clear();
    }
    [[nodiscard]] std::size_t size() { return lines().size(); }
    [[nodiscard]] int sum()
    {
        int all = 0;
        for (const std::string &line : lines())
            all += QByteArray::fromStdString(line).split(' ').value(1).toInt();
        return all;
    }

private:
    std::mutex m_mutex;
    Lines m_lines;
};

} // namespace

class TestSqliteRetention : public SqliteCase
{
    Q_OBJECT
private Q_SLOTS:
    void retentionByCount();
    void retentionByAge();
    void failureIsTold();
    void dropsAreToldNowAndThen();
    void dropsNameTheirLimits_data();
    void dropsNameTheirLimits();
    void resendsFromTheFuture();

private:
    Told m_told;
};

void TestSqliteRetention::retentionByCount()
{
    m_config.retention.messages = 5;
    ProbePort port;
    std::string epoch;
    {
        const auto engine = open();
        ProbeSession a(*engine, port, "A");
        a.enter("x");
        for (int i = 0; i < 20; ++i)
            a.publish("x", "hi");
        engine->waitUntilIdle();
        QTRY_COMPARE(engine->storeFigures()->dropped, std::uint64_t(15));
        epoch = epochOf(m_config.path);
        const Since sixteen = position(*engine, epoch, 16);
        (void)port.take();
        a.enter("x", Since{epoch, 14, "dropped"});
        a.enter("x", sixteen);
        engine->history(a.caller, "x", {}, {17, {}, 200});
        engine->waitUntilIdle();
        QCOMPARE(port.take(), Lines({"entered x members=1 seq=20 events=5 reason=too_old",
                                     "entered x members=1 seq=20 events=4 recovered", "history 16"}));
    }
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x", Since{epoch, 14, "dropped"});
    engine->waitUntilIdle();
    QCOMPARE(port.take(), Lines({"entered x members=1 seq=20 events=5 reason=too_old announced"}));
}

void TestSqliteRetention::retentionByAge()
{
    m_config.retention.age = std::chrono::hours(24);
    ProbePort port;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    for (int i = 0; i < 3; ++i)
        a.publish("x", "old");
    engine->waitUntilIdle();
    const Since two = position(*engine, epochOf(m_config.path), 2);
    const Since three = position(*engine, epochOf(m_config.path), 3);
    m_now = m_now.load() + std::chrono::hours(25);
    QTRY_COMPARE(engine->storeFigures()->dropped, std::uint64_t(3));
    (void)port.take();
    a.enter("x", three); // nothing missed
    a.enter("x", two);
    a.publish("x", "new"); // numbering goes on
    engine->waitUntilIdle();
    QCOMPARE(port.take(),
             Lines({"entered x members=1 seq=3 events=0 recovered",
                    "entered x members=1 seq=3 events=0 reason=too_old", "done 4", "published x 4"}));
}

void TestSqliteRetention::failureIsTold()
{
    m_config.retention.messages = 1;
    std::atomic<int> told = 0;
    m_config.log.warn = [&told](const std::string &text) {
        if (text.find("old messages cannot be dropped") != std::string::npos &&
            text.find("held") != std::string::npos)
            ++told;
    };
    open().reset();
    {
        sqlite::Database database;
        QVERIFY(!database.open(m_config.path, sqlite::OpenMode::Existing));
        QVERIFY(!database.run("CREATE TRIGGER held BEFORE DELETE ON messages BEGIN "
                              "SELECT RAISE(ABORT, 'held'); END"));
    }
    ProbePort port;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    for (int i = 0; i < 3; ++i)
        a.publish("x", "hi");
    engine->waitUntilIdle();
    QCOMPARE(port.take().size(), std::size_t(7)); // messages are kept all the same
    QTRY_VERIFY(engine->storeFigures()->retentionFailures >= 2);
    QCOMPARE(told.load(), 1);
}

void TestSqliteRetention::dropsAreToldNowAndThen()
{
    m_config.retention.messages = 5;
    m_told.clear();
    m_config.log.inform = [this](const std::string &text) { m_told.add(text); };
    ProbePort port;
    auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    const auto publish = [&](int messages, std::uint64_t droppedThen) {
        for (int i = 0; i < messages; ++i)
            a.publish("x", "hi");
        engine->waitUntilIdle();
        QTRY_COMPARE(engine->storeFigures()->dropped, droppedThen);
    };
    publish(20, 15);
    QTRY_COMPARE(m_told.size(), std::size_t(1));
    publish(3, 18);
    m_now = m_now.load() + std::chrono::minutes(1);
    QTRY_COMPARE(m_told.size(), std::size_t(2));
    publish(2, 20);
    QCOMPARE(m_told.size(), std::size_t(2));
    engine.reset();
    QCOMPARE(m_told.size(), std::size_t(3));
    QCOMPARE(m_told.sum(), 20);
}

void TestSqliteRetention::dropsNameTheirLimits_data()
{
    QTest::addColumn<bool>("age");
    QTest::addColumn<bool>("messages");
    QTest::addColumn<std::string>("told");
    QTest::newRow("age") << true << false << std::string("dropped 1 message past --history-max-age");
    QTest::newRow("messages") << false << true
                              << std::string("dropped 1 message past --history-max-messages");
    QTest::newRow("both") << true << true
                          << std::string(
                                 "dropped 1 message past --history-max-age or --history-max-messages");
}

void TestSqliteRetention::dropsNameTheirLimits()
{
    QFETCH(bool, age);
    QFETCH(bool, messages);
    QFETCH(std::string, told);
    m_config.retention = {std::chrono::hours(age ? 24 : 0), messages ? 1U : 0U};
    m_told.clear();
    m_config.log.inform = [this](const std::string &text) { m_told.add(text); };
    ProbePort port;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    a.publish("x", "hi");
    engine->waitUntilIdle();
    if (age)
        m_now = m_now.load() + std::chrono::hours(25);
    a.publish("x", "hi");
    engine->waitUntilIdle();
    QTRY_COMPARE(m_told.lines(), Lines({told}));
}

void TestSqliteRetention::resendsFromTheFuture()
{
    ProbePort port;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    const auto now = m_now.load();
    m_now = now + std::chrono::hours(24 * 365);
    a.enter("x");
    a.publish("x", "hi", "ahead");
    engine->waitUntilIdle();
    m_now = now;
    a.publish("x", "hi", "now");
    engine->waitUntilIdle();
    sqlite::Database database;
    QVERIFY(!database.open(m_config.path, sqlite::OpenMode::Existing));
    QTRY_COMPARE(database.text("SELECT group_concat(cid) FROM resends"), std::string("now"));
}

PARLOR_TEST(TestSqliteRetention)
#include "tst_sqlite_retention.moc"
