// SPDX-License-Identifier: MIT
// Bans, mutes and slow rooms in a database: over a restart, and where nothing can be written.
#include "tests/support/testclass.h"
#include "tests/unit/server/engine/sqlitecase.h"

#include <QTest>

using namespace parlor;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

class TestSqliteSanctions : public SqliteCase
{
    Q_OBJECT
private Q_SLOTS:
    void theyOutliveAServer();
    void whatCannotBeKeptIsNotInForce();
    void aStoreOfTheVersionBeforeHasNone();

private:
    /// What the engine said of it.
    Lines moderate(StoredEngine &engine, Act::Action action, const char *user,
                   std::optional<std::chrono::milliseconds> until = {})
    {
        Caller caller;
        caller.port = &m_port;
        Act act;
        act.action = action;
        act.user = user;
        act.at = m_now;
        act.until = until;
        act.reason = "a \"reason\"";
        engine.moderate(caller, {}, act);
        engine.waitUntilIdle();
        return m_port.take();
    }
    /// What is in force in the store.
    Lines inForce(StoredEngine &engine)
    {
        ProbePort &port = *m_ports.emplace_back(std::make_unique<ProbePort>());
        engine.addPort(port);
        return port.take();
    }

    ProbePort m_port;
    std::vector<std::unique_ptr<ProbePort>> m_ports; ///< outlive the engines
};

void TestSqliteSanctions::theyOutliveAServer()
{
    auto engine = open();
    QCOMPARE(moderate(*engine, Act::Action::Ban, "eve", m_now.load() + 10s), Lines{"ban done"});
    QCOMPARE(moderate(*engine, Act::Action::Mute, "adam"), Lines{"mute done"});
    QCOMPARE(moderate(*engine, Act::Action::Ban, "ann"), Lines{"ban done"});
    QCOMPARE(moderate(*engine, Act::Action::Unban, "ann"), Lines{"unban done"});
    engine.reset();
    engine = open();
    QCOMPARE(inForce(*engine), Lines{"in force: ban user eve; mute * adam;"});
    engine.reset();
    m_now = m_now.load() + 10s;
    engine = open();
    QCOMPARE(inForce(*engine), Lines{"in force: mute * adam;"});
}

void TestSqliteSanctions::whatCannotBeKeptIsNotInForce()
{
    auto engine = open();
    {
        const FullDisk full;
        QCOMPARE(moderate(*engine, Act::Action::Ban, "eve"), Lines{"refused unavailable"});
        QCOMPARE(inForce(*engine), Lines{});
        QCOMPARE(moderate(*engine, Act::Action::Kick, "eve"), Lines{"kick done"}); // nothing to be kept
    }
    QCOMPARE(moderate(*engine, Act::Action::Ban, "eve"), Lines{"ban done"});
    QCOMPARE(inForce(*engine), Lines{"in force: ban user eve;"});
}

void TestSqliteSanctions::aStoreOfTheVersionBeforeHasNone()
{
    {
        sqlite::Database database;
        QVERIFY(!database.open(path("parlor.db"), sqlite::OpenMode::Create));
        QVERIFY(!sqlite::bringUpToDate(database, sqlite::schemaSteps().first(3)));
    }
    auto engine = open();
    QCOMPARE(moderate(*engine, Act::Action::Ban, "eve"), Lines{"ban done"});
    engine.reset();
    engine = open();
    QCOMPARE(inForce(*engine), Lines{"in force: ban user eve;"});
}

PARLOR_TEST(TestSqliteSanctions)
#include "tst_sqlite_sanctions.moc"
