// SPDX-License-Identifier: MIT
// State files that an earlier version made.
#include "shared/client/storage/database.h"
#include "shared/client/storage/schema.h"
#include "shared/client/storage/sqlitestore.h"
#include "tests/support/testclass.h"
#include "tests/unit/shared/client/storage/account.h"

#include <QTemporaryDir>
#include <QTest>

using namespace parlor;
using namespace Qt::StringLiterals;

namespace {

/// As version 1 laid it out, with what it had written.
QStringList firstVersion()
{
    const QString message =
        u"INSERT INTO message (account, room, epoch, seq, id, cid, sender, user, username, text, timestamp)"
        " VALUES (1, 'general', 'e1', %1, 'id-%1', '', 's', '%2', 'name', 'text %1', '')"_s;
    return {
        u"PRAGMA application_id = 1349667954"_s,
        u"PRAGMA user_version = 1"_s,
        u"CREATE TABLE account (id INTEGER PRIMARY KEY, server TEXT NOT NULL, identity TEXT NOT NULL,"
        " used INTEGER NOT NULL, resume TEXT NOT NULL DEFAULT '', client TEXT NOT NULL DEFAULT '',"
        " user TEXT NOT NULL DEFAULT '', username TEXT NOT NULL DEFAULT '')"_s,
        u"CREATE TABLE outbox (place INTEGER PRIMARY KEY AUTOINCREMENT,"
        " account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE, cid TEXT NOT NULL UNIQUE,"
        " room TEXT NOT NULL, text TEXT NOT NULL, composed INTEGER NOT NULL, sent_by TEXT NOT NULL,"
        " state TEXT NOT NULL, problem TEXT NOT NULL)"_s,
        u"CREATE TABLE room (account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
        " name TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, used INTEGER NOT NULL,"
        " missing TEXT, PRIMARY KEY (account, name)) WITHOUT ROWID"_s,
        u"CREATE TABLE message (place INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL,"
        " room TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL,"
        " cid TEXT NOT NULL, sender TEXT NOT NULL, user TEXT NOT NULL, username TEXT NOT NULL,"
        " text TEXT NOT NULL, timestamp TEXT NOT NULL, missing TEXT,"
        " FOREIGN KEY (account, room) REFERENCES room (account, name) ON DELETE CASCADE)"_s,
        u"CREATE INDEX message_of_room ON message (account, room, place)"_s,
        u"INSERT INTO account VALUES (1, 'ws://chat.example/ws', 'Jun', 5, 'token', 'me', 'u1', 'Jun')"_s,
        u"INSERT INTO outbox VALUES (1, 1, 'cid', 'general', 'waits', 7, '', 'queued', '')"_s,
        u"INSERT INTO room VALUES (1, 'general', 'e1', 2, 6, NULL)"_s,
        message.arg(QString::number(1), u"u1"_s),
        message.arg(QString::number(2), u"u2"_s),
        message.arg(QString::number(2), u"u2"_s), // which stands there twice
    };
}

/// What version 2 made of it.
QStringList secondVersion()
{
    return firstVersion() + QStringList{
                                u"PRAGMA user_version = 2"_s,
                                u"ALTER TABLE account ADD COLUMN asked TEXT NOT NULL DEFAULT ''"_s,
                                u"ALTER TABLE room ADD COLUMN read INTEGER"_s,
                                u"ALTER TABLE message ADD COLUMN own INTEGER NOT NULL DEFAULT 0"_s,
                                u"DELETE FROM message WHERE place = 3"_s,
                                u"CREATE UNIQUE INDEX message_once ON message (account, room, id)"_s,
                            };
}

} // namespace

class TestSchema : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void anEarlierFileGoesOn();
    void changesOfTheEpochBecomeReasons();
    void becomesTheSameAsANewOne_data();
    void becomesTheSameAsANewOne();
    void whatCannotBeUpgradedStaysAsItIs();

private:
    [[nodiscard]] QString path() const { return m_folder->filePath(u"chat.db"_s); }
    /// Writes a file of an earlier version.
    void plant(const QStringList &statements) const;
    [[nodiscard]] static QStringList layout(Database &database);

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestSchema::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestSchema::plant(const QStringList &statements) const
{
    {
        auto file = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"planted"_s);
        file.setDatabaseName(path());
        QVERIFY(file.open());
        for (const QString &each : statements) {
            QSqlQuery query(file);
            QVERIFY2(query.exec(each), qUtf8Printable(each));
        }
        file.close();
    }
    QSqlDatabase::removeDatabase(u"planted"_s);
}

/// Of each table its columns, and the indices; in the order of their names.
QStringList TestSchema::layout(Database &database)
{
    QStringList parts;
    const bool isRead = database.read(
        u"SELECT t.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\" || ' '"
        " || ifnull(c.dflt_value, '-') || ' ' || c.pk FROM sqlite_schema t JOIN pragma_table_info(t.name) c"
        " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'"
        " UNION ALL SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY 1"_s,
        {}, [&parts](const QSqlQuery &row) { parts.append(row.value(0).toString()); });
    return isRead ? parts : QStringList{database.problem()};
}

void TestSchema::anEarlierFileGoesOn()
{
    plant(firstVersion());
    for (int start = 0; start < 2; ++start) {
        auto database = Database::open(path());
        QVERIFY2(database, database ? "" : database.error().text.c_str());
        SqliteStore store(*std::move(database));
        store.use(kJun);
        QCOMPARE(store.session().resumeToken, u"token"_s);
        QCOMPARE(store.outbox().entries().size(), 1);
        QCOMPARE(store.outbox().entries().first().text, u"waits"_s);
        const KeptRoom room = store.room(u"general"_s);
        QCOMPARE(room.position, std::optional(RoomPosition{u"e1"_s, 2, u"id-2"_s}));
        QCOMPARE(room.messages.size(), 2);
        QCOMPARE(room.messages[0].own, true);
        QCOMPARE(room.messages[1].own, false);
        QCOMPARE(room.read, std::optional<quint64>());
    }
}

/// Whose messages had an epoch each.
void TestSchema::changesOfTheEpochBecomeReasons()
{
    const QString message =
        u"INSERT INTO message (account, room, epoch, seq, id, cid, sender, user, username, text, timestamp,"
        " missing) VALUES (1, '%1', '%2', %3, '%4', '', 's', 'u2', 'name', 'text', '', %5)"_s;
    plant(secondVersion() + QStringList{
                                message.arg(u"general"_s, u"e2"_s, u"1"_s, u"new-1"_s, u"''"_s),
                                message.arg(u"general"_s, u"e2"_s, u"2"_s, u"new-2"_s, u"NULL"_s),
                                message.arg(u"general"_s, u"e2"_s, u"9"_s, u"new-9"_s, u"'too_many'"_s),
                                u"UPDATE room SET epoch = 'e2', seq = 9"_s,
                                u"INSERT INTO room VALUES (1, 'quiet', 'e1', 9, 6, NULL, 4)"_s,
                                u"INSERT INTO room VALUES (1, 'anew', 'e2', 2, 6, 'too_old', 0)"_s,
                                message.arg(u"anew"_s, u"e1"_s, u"2"_s, u"id-2"_s, u"NULL"_s),
                            });
    auto database = Database::open(path());
    QVERIFY2(database, database ? "" : database.error().text.c_str());
    SqliteStore store(*std::move(database));
    store.use(kJun);

    const std::optional<MissingMessages> none;
    const std::optional anew(MissingMessages{frame::SyncReason::Epoch});
    const KeptRoom general = store.room(u"general"_s);
    QCOMPARE(general.position, std::optional(RoomPosition{u"e2"_s, 9, u"new-9"_s}));
    QList<std::optional<MissingMessages>> missing;
    for (const KeptMessage &each : general.messages)
        missing.append(each.missingAbove);
    const std::optional many(MissingMessages{frame::SyncReason::TooMany});
    QCOMPARE(missing, (QList<std::optional<MissingMessages>>{none, none, anew, none, many}));
    QCOMPARE(general.missingNext, none);
    QCOMPARE(general.numberedBefore(), 2);

    const KeptRoom quiet = store.room(u"quiet"_s); // its message is not stored
    QCOMPARE(quiet.position, std::optional(RoomPosition{u"e1"_s, 9}));
    QCOMPARE(quiet.missingNext, none);
    QCOMPARE(quiet.read, std::optional<quint64>(4));

    const KeptRoom begun = store.room(u"anew"_s); // nothing has come since
    QCOMPARE(begun.position, std::optional(RoomPosition{u"e2"_s, 2}));
    QCOMPARE(begun.missingNext, anew);
    QCOMPARE(begun.numberedBefore(), 1);
}

void TestSchema::becomesTheSameAsANewOne_data()
{
    QTest::addColumn<QStringList>("earlier");
    QTest::newRow("version 1") << firstVersion();
    QTest::newRow("version 2") << secondVersion();
}

void TestSchema::becomesTheSameAsANewOne()
{
    QFETCH(QStringList, earlier);
    plant(earlier);
    const auto old = Database::open(path());
    const auto made = Database::open(m_folder->filePath(u"new.db"_s));
    QVERIFY(old && made);
    QCOMPARE(layout(**old), layout(**made));
    QVERIFY(layout(**made).size() > 30);
}

/// All of it or nothing.
void TestSchema::whatCannotBeUpgradedStaysAsItIs()
{
    plant(firstVersion() + QStringList{u"CREATE INDEX message_once ON message (id)"_s}); // in the way
    QFile file(path());
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray before = file.readAll();
    const auto refused = Database::open(path());
    QVERIFY(!refused);
    QVERIFY2(refused.error().text.find("message_once") != std::string::npos, refused.error().text.c_str());
    file.seek(0);
    QCOMPARE(file.readAll(), before);
}

PARLOR_TEST_WITHIN(QCoreApplication, TestSchema)
#include "tst_schema.moc"
