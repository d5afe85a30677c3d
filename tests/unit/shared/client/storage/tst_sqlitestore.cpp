// SPDX-License-Identifier: MIT
// What the SQLite store keeps, through a crash as well.
#include "shared/client/storage/sqlitestore.h"
#include "tests/support/testclass.h"
#include "tests/unit/shared/client/storage/account.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace parlor;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const RoomPosition kPosition{u"e1"_s, 7, u"id-7"_s};

OutboxEntry entry(const QString &cid, OutboxState state = OutboxState::Queued)
{
    OutboxEntry entry;
    entry.cid = cid;
    entry.room = u"general"_s;
    entry.text = u"h\u00e9llo\n'; DROP TABLE outbox; --"_s;
    entry.composedAt = 1'700'000'000'123ms;
    entry.sentBy = state == OutboxState::Queued ? QString() : u"me"_s;
    entry.state = state;
    entry.problem = isUnderWay(state) ? QString() : u"why"_s;
    return entry;
}

KeptMessage message(quint64 seq)
{
    const QString number = QString::number(seq);
    return {{u"general"_s, seq, u"id-"_s + number, u"cid-"_s + number, u"sender"_s, u"user"_s, u"Rosa"_s,
             u"text "_s + number, u"2026-01-01T00:00:00.000Z"_s},
            std::nullopt};
}

} // namespace

class TestSqliteStore : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void keepsTheOutbox();
    void aCrashLosesNothing();
    void whatWasInFlightIsUnconfirmed_data();
    void whatWasInFlightIsUnconfirmed();
    void accountsAreApart();
    void renaming();
    void renamedAgain();
    void whatWaitsUnderOtherNames();
    void twoAccountsOfOneName();
    void keepsSessionsAndRooms();
    void theSamePlaceTwice();
    void whatIsMissing_data();
    void whatIsMissing();
    void nothingStandsThereTwice();
    void readsOfWhatIsKept();
    void aRoomThatStartsAnew();
    void keepsTheNewestMessages();
    void longMessagesAreFewer();
    void keepsTheLatestRoomsAndAccounts();
    void aClockThatWasSetBack();
    void aFullDisk();
    void aFullDiskAtTheStart();
    void aFullDiskAndAKnownAccount();
    void whatCannotBeReadStays();
    void nothingGoesToAnotherServer();
    void whatIsDeletedIsGone();
    void deletedForAllWhoUseTheServer();

private:
    std::unique_ptr<SqliteStore> open(const QString &name = u"chat.db"_s);
    /// A copy of the file as a crash would leave it now.
    QString crashed();

    std::unique_ptr<QTemporaryDir> m_folder;
    std::chrono::milliseconds m_now{1'700'000'000'000};
};

void TestSqliteStore::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

std::unique_ptr<SqliteStore> TestSqliteStore::open(const QString &name)
{
    auto database = Database::open(m_folder->filePath(name));
    if (!database) {
        qWarning("%s", database.error().text.c_str());
        return {};
    }
    Clock clock;
    clock.wall = [this] { return ++m_now; };
    return std::make_unique<SqliteStore>(*std::move(database), clock);
}

QString TestSqliteStore::crashed()
{
    for (const QString &suffix : {u""_s, u"-wal"_s})
        QFile::copy(m_folder->filePath(u"chat.db"_s) + suffix, m_folder->filePath(u"copy.db"_s) + suffix);
    return u"copy.db"_s;
}

void TestSqliteStore::keepsTheOutbox()
{
    {
        const auto store = open();
        store->use(kJun);
        store->outbox().append(entry(u"b"_s));
        store->outbox().append(entry(u"a"_s, OutboxState::NeedsDecision));
        store->outbox().append(entry(u"c"_s, OutboxState::Failed));
        store->outbox().append(entry(u"d"_s));
        store->outbox().remove(u"b"_s);
        OutboxEntry changed = entry(u"d"_s, OutboxState::Failed);
        changed.sentBy.clear();
        changed.problem.clear();
        store->outbox().update(changed);
        OutboxEntry waiting = entry(u"e"_s);
        waiting.problem = u"the server cannot store"_s; // at present
        store->outbox().append(waiting);
        QVERIFY(store->outlivesProcess());
    }
    const auto store = open();
    store->use(kJun);
    OutboxEntry last = entry(u"d"_s, OutboxState::Failed);
    last.sentBy.clear();
    last.problem.clear();
    QCOMPARE(store->outbox().entries(),
             (QList<OutboxEntry>{entry(u"a"_s, OutboxState::NeedsDecision),
                                 entry(u"c"_s, OutboxState::Failed), last, entry(u"e"_s)}));
    QCOMPARE(store->outbox().find(u"d"_s), std::optional(last));
}

void TestSqliteStore::aCrashLosesNothing()
{
    const auto store = open();
    store->use(kJun);
    store->outbox().append(entry(u"a"_s));
    store->keepSession({u"token"_s, {u"me"_s, u"user"_s, u"Jun"_s, false}});
    QVERIFY(store->keepRoom(u"general"_s, {kPosition, {message(7)}, std::nullopt},
                            ClientStore::Continuity::GoesOn));
    store->outbox().append(entry(u"b"_s));
    store->outbox().remove(u"a"_s);

    const auto after = open(crashed());
    QVERIFY(after);
    after->use(kJun);
    QCOMPARE(after->outbox().entries(), QList<OutboxEntry>{entry(u"b"_s)});
    QCOMPARE(after->session().resumeToken, u"token"_s);
    QCOMPARE(after->room(u"general"_s).position, std::optional(kPosition));
    QCOMPARE(after->room(u"general"_s).messages.size(), 1);
}

void TestSqliteStore::whatWasInFlightIsUnconfirmed_data()
{
    QTest::addColumn<int>("before");
    QTest::addColumn<QString>("sentBy");
    QTest::addColumn<int>("after");
    const auto row = [](const char *name, OutboxState before, const QString &sentBy, OutboxState after) {
        QTest::newRow(name) << int(before) << sentBy << int(after);
    };
    row("queued", OutboxState::Queued, {}, OutboxState::Queued);
    row("to be sent again", OutboxState::Queued, u"me"_s, OutboxState::Unconfirmed);
    row("in flight", OutboxState::InFlight, u"me"_s, OutboxState::Unconfirmed);
    row("unconfirmed", OutboxState::Unconfirmed, u"me"_s, OutboxState::Unconfirmed);
    row("undecided", OutboxState::NeedsDecision, u"me"_s, OutboxState::NeedsDecision);
    row("undecided, never sent", OutboxState::NeedsDecision, {}, OutboxState::NeedsDecision);
    row("failed", OutboxState::Failed, u"me"_s, OutboxState::Failed);
}

void TestSqliteStore::whatWasInFlightIsUnconfirmed()
{
    QFETCH(int, before);
    QFETCH(QString, sentBy);
    QFETCH(int, after);
    open()->use(kJun);
    OutboxEntry written = entry(u"a"_s, OutboxState(before));
    written.sentBy = sentBy;
    {
        const auto store = open();
        store->use(kJun);
        store->outbox().append(written);
    }
    const auto store = open();
    store->use(kJun);
    QCOMPARE(store->outbox().find(u"a"_s)->state, OutboxState(after));
    QCOMPARE(store->outbox().find(u"a"_s)->sentBy, sentBy);
}

void TestSqliteStore::accountsAreApart()
{
    const auto store = open();
    store->use(kJun);
    store->outbox().append(entry(u"a"_s));
    QVERIFY(store->keepRoom(u"general"_s, {kPosition, {}, std::nullopt}, ClientStore::Continuity::GoesOn));
    for (const Account &other :
         {Account{kJun.server, u"Rosa"_s}, Account{u"ws://other.example/ws"_s, kJun.identity},
          Account{kJun.server, {}}}) {
        store->use(other);
        QVERIFY(store->outbox().entries().isEmpty());
        QVERIFY(!store->room(u"general"_s).position);
        store->outbox().append(entry(u"of "_s + other.server + other.identity));
    }
    store->use(kJun);
    QCOMPARE(store->outbox().entries(), QList<OutboxEntry>{entry(u"a"_s)});
    QCOMPARE(store->room(u"general"_s).position, std::optional(kPosition));
}

void TestSqliteStore::renaming()
{
    const auto store = open();
    QVERIFY(store->use(kJun));
    QVERIFY2(!store->use(kJun), "it is in use already");
    store->outbox().append(entry(u"a"_s));
    store->rename(u"June"_s);
    store->rename(u"Juno"_s);

    // the name that was given at first, by which the program is started again, and the latest
    for (const QString &name : {u"Jun"_s, u"Juno"_s}) {
        QVERIFY(store->use({kJun.server, u"elsewhere"_s}));
        QVERIFY(store->outbox().entries().isEmpty());
        store->use({kJun.server, name});
        QCOMPARE(store->outbox().entries(), QList<OutboxEntry>{entry(u"a"_s)});
    }
    store->use({kJun.server, u"June"_s}); // on the way
    QVERIFY(store->outbox().entries().isEmpty());
    // Who has the name now comes before who had it once.
    store->rename(u"Jun"_s);
    store->use(kJun);
    QVERIFY(store->outbox().entries().isEmpty());
}

/// Who starts the program by the name that they took then is meant, too.
void TestSqliteStore::renamedAgain()
{
    const auto store = open();
    store->use(kJun);
    store->outbox().append(entry(u"a"_s));
    store->rename(u"June"_s);
    QVERIFY(!store->use({kJun.server, u"June"_s}));
    store->rename(u"Juno"_s);
    for (const QString &name : {u"June"_s, u"Juno"_s}) {
        QVERIFY(store->use({kJun.server, u"elsewhere"_s}));
        QVERIFY(store->use({kJun.server, name}));
        QCOMPARE(store->outbox().entries(), QList<OutboxEntry>{entry(u"a"_s)});
    }
}

void TestSqliteStore::whatWaitsUnderOtherNames()
{
    const auto store = open();
    for (const Account &each :
         {kJun, Account{kJun.server, u"Rosa"_s}, Account{u"ws://other.example/ws"_s, u"Rosa"_s}}) {
        store->use(each);
        store->outbox().append(entry(each.server + each.identity));
    }
    store->use(kJun);
    store->outbox().append(entry(u"b"_s));
    const QList<UnsentElsewhere> rosas{{u"Rosa"_s, 1}};
    QCOMPARE(store->unsentElsewhere(), rosas);
    store->use({kJun.server, {}});
    const QList<UnsentElsewhere> both{{u"Jun"_s, 2}, {u"Rosa"_s, 1}};
    QCOMPARE(store->unsentElsewhere(), both);
    QCOMPARE(
        sentenceOn(both, QUrl(kJun.server)),
        u"3 unsent messages wait under Jun, Rosa on chat.example; connect with that name to see them."_s);
    QCOMPARE(sentenceOn({{QString(), 1}}, QUrl(kJun.server)),
             u"1 unsent message waits under no name on chat.example; connect with that name to see it."_s);
    QCOMPARE(sentenceOn({}, QUrl(kJun.server)), QString());
}

void TestSqliteStore::twoAccountsOfOneName()
{
    const auto store = open();
    store->use(kJun);
    store->keepSession({u"old"_s, {}});
    store->outbox().append(entry(u"a"_s));
    store->use({kJun.server, u"Rosa"_s});
    store->keepSession({u"new"_s, {}});
    store->outbox().append(entry(u"b"_s));
    store->rename(u"Jun"_s);

    store->use({kJun.server, u"elsewhere"_s});
    store->use(kJun);
    QCOMPARE(store->session().resumeToken, u"new"_s);
    QCOMPARE(store->outbox().entries(), (QList<OutboxEntry>{entry(u"a"_s), entry(u"b"_s)}));
}

void TestSqliteStore::keepsSessionsAndRooms()
{
    const KeptSession session{u"token"_s, {u"me"_s, u"user"_s, u"Jun"_s, false}};
    KeptRoom room{kPosition, {message(5), message(6), message(7)}, MissingMessages{}};
    room.messages[1].missingAbove = MissingMessages{};
    room.messages[2].missingAbove = MissingMessages{frame::SyncReason::Epoch};
    room.messages[2].message.cid.clear();
    room.messages[2].own = true;
    room.read = 5;
    {
        const auto store = open();
        store->use(kJun);
        QCOMPARE(store->session(), KeptSession{});
        QCOMPARE(store->room(u"general"_s), KeptRoom{});
        store->keepSession(session);
        QVERIFY(store->keepRoom(u"general"_s, {RoomPosition{u"e1"_s, 5}, {room.messages[0]}, std::nullopt},
                                ClientStore::Continuity::GoesOn));
        QVERIFY(store->keepRead(u"general"_s, 5));
        QVERIFY(store->keepRoom(u"general"_s, {kPosition, room.messages.mid(1), room.missingNext},
                                ClientStore::Continuity::GoesOn));
        QVERIFY(store->keepRoom(u"other"_s, {RoomPosition{u"e9"_s, 1}, {}, std::nullopt},
                                ClientStore::Continuity::GoesOn));
    }
    const auto store = open();
    store->use(kJun);
    QCOMPARE(store->session(), session);
    QCOMPARE(store->room(u"general"_s), room);

    store->forgetRoom(u"general"_s);
    QCOMPARE(store->room(u"general"_s), KeptRoom{});
    QVERIFY(store->room(u"other"_s).position);
}

/// The server lost the newest, and gave its number to another one.
void TestSqliteStore::theSamePlaceTwice()
{
    KeptRoom room{kPosition, {message(6), message(7), message(7)}};
    room.messages[2].message.id = u"fresh"_s;
    room.messages[2].missingAbove = MissingMessages{frame::SyncReason::Diverged};
    room.position->id = u"fresh"_s;
    const auto store = open();
    store->use(kJun);
    QVERIFY(
        store->keepRoom(u"general"_s, {kPosition, room.messages.first(2)}, ClientStore::Continuity::GoesOn));
    const KeptRoom shorter{
        RoomPosition{u"e1"_s, 6, u"id-6"_s}, {}, MissingMessages{frame::SyncReason::Diverged}};
    QVERIFY(store->keepRoom(u"general"_s, shorter, ClientStore::Continuity::GoesOn));
    QCOMPARE(store->room(u"general"_s).numberedBefore(), 2);
    QCOMPARE(store->room(u"general"_s).position, shorter.position);
    QVERIFY(store->keepRoom(u"general"_s, {room.position, room.messages.last(1)},
                            ClientStore::Continuity::GoesOn));
    QCOMPARE(store->room(u"general"_s), room);
    QCOMPARE(room.numberedBefore(), 2);
}

void TestSqliteStore::whatIsMissing_data()
{
    using enum frame::SyncReason;
    QTest::addColumn<std::optional<MissingMessages>>("missing");
    QTest::addColumn<int>("numberedBefore");
    QTest::newRow("nothing") << std::optional<MissingMessages>() << 0;
    QTest::newRow("a hole") << std::optional(MissingMessages{}) << 0;
    QTest::newRow("too old") << std::optional(MissingMessages{TooOld}) << 0;
    QTest::newRow("too many") << std::optional(MissingMessages{TooMany}) << 0;
    QTest::newRow("unknown") << std::optional(MissingMessages{Unknown}) << 0;
    QTest::newRow("epoch") << std::optional(MissingMessages{Epoch}) << 1;
    QTest::newRow("ahead") << std::optional(MissingMessages{Ahead}) << 1;
    QTest::newRow("diverged") << std::optional(MissingMessages{Diverged}) << 1;
}

void TestSqliteStore::whatIsMissing()
{
    QFETCH(std::optional<MissingMessages>, missing);
    QFETCH(int, numberedBefore);
    KeptRoom room{kPosition, {message(6), message(7)}};
    room.messages[1].missingAbove = missing;
    const auto store = open();
    store->use(kJun);
    QVERIFY(store->keepRoom(u"general"_s, room, ClientStore::Continuity::GoesOn));
    QCOMPARE(store->room(u"general"_s), room);
    QCOMPARE(room.numberedBefore(), numberedBefore);
}

/// As after a connection that ended while a page was shown.
void TestSqliteStore::nothingStandsThereTwice()
{
    const auto store = open();
    store->use(kJun);
    for (int time = 0; time < 2; ++time)
        QVERIFY(store->keepRoom(u"general"_s, {kPosition, {message(6), message(7)}, std::nullopt},
                                ClientStore::Continuity::GoesOn));
    QCOMPARE(store->room(u"general"_s).messages, (QList<KeptMessage>{message(6), message(7)}));
}

/// A mark that has no room yet is to be tried again, and no failure that people hear of.
void TestSqliteStore::readsOfWhatIsKept()
{
    const auto store = open();
    QSignalSpy failed(store.get(), &ClientStore::failed);
    store->use(kJun);
    QVERIFY(!store->keepRead(u"general"_s, 7));
    QCOMPARE(failed.size(), 0);
    QVERIFY(store->keepRoom(u"general"_s, {kPosition, {message(7)}, std::nullopt},
                            ClientStore::Continuity::GoesOn));
    QVERIFY(store->keepRead(u"general"_s, 7));
    QCOMPARE(store->room(u"general"_s).read, std::optional<quint64>(7));
}

void TestSqliteStore::aRoomThatStartsAnew()
{
    const auto store = open();
    store->use(kJun);
    QVERIFY(store->keepRoom(u"general"_s, {kPosition, {message(7)}, std::nullopt},
                            ClientStore::Continuity::GoesOn));
    QVERIFY(store->keepRoom(u"general"_s, {RoomPosition{u"e1"_s, 12}, {message(12)}, std::nullopt},
                            ClientStore::Continuity::StartsAnew));
    QCOMPARE(store->room(u"general"_s).messages, QList<KeptMessage>{message(12)});
}

void TestSqliteStore::keepsTheNewestMessages()
{
    const auto store = open();
    store->use(kJun);
    constexpr quint64 kAll = SqliteStore::kMessagesPerRoom + 30;
    for (quint64 seq = 1; seq <= kAll; seq += 10) {
        KeptRoom news{RoomPosition{u"e1"_s, seq + 9}, {}, std::nullopt};
        for (quint64 each = seq; each < seq + 10; ++each)
            news.messages.append(message(each));
        QVERIFY(store->keepRoom(u"general"_s, news, ClientStore::Continuity::GoesOn));
    }
    const KeptRoom room = store->room(u"general"_s);
    QCOMPARE(room.messages.size(), SqliteStore::kMessagesPerRoom);
    QCOMPARE(room.messages.first(), message(31));
    QCOMPARE(room.messages.last(), message(kAll));
}

void TestSqliteStore::longMessagesAreFewer()
{
    const auto store = open();
    store->use(kJun);
    KeptRoom news{RoomPosition{u"e1"_s, 5}, {}, std::nullopt};
    for (quint64 seq = 1; seq <= 5; ++seq) {
        news.messages.append(message(seq));
        news.messages.last().message.text = QString(SqliteStore::kTextBytesPerRoom / 8, u'\u00e9'); // 2 bytes
    }
    QVERIFY(store->keepRoom(u"general"_s, news, ClientStore::Continuity::GoesOn));
    QCOMPARE(store->room(u"general"_s).messages, news.messages.last(4));
}

void TestSqliteStore::keepsTheLatestRoomsAndAccounts()
{
    const auto store = open();
    store->use(kJun);
    store->outbox().append(entry(u"a"_s));
    store->use({kJun.server, u"idle"_s});
    store->keepSession({u"token"_s, {}});
    for (int i = 0; i < SqliteAccounts::kKept; ++i)
        store->use({kJun.server, QString::number(i)});
    for (int i = 0; i <= SqliteStore::kRoomsPerAccount; ++i)
        QVERIFY(store->keepRoom(u"room-%1"_s.arg(i), {kPosition, {message(7)}, std::nullopt},
                                ClientStore::Continuity::GoesOn));
    QVERIFY(!store->room(u"room-0"_s).position);
    QVERIFY(store->room(u"room-0"_s).messages.isEmpty());
    QVERIFY(store->room(u"room-1"_s).position);

    store->use({kJun.server, u"idle"_s}); // which went, having nothing to lose
    QCOMPARE(store->session().resumeToken, QString());
    store->use(kJun);
    QCOMPARE(store->outbox().entries(), QList<OutboxEntry>{entry(u"a"_s)});
}

void TestSqliteStore::aFullDisk()
{
    auto database = Database::open(m_folder->filePath(u"chat.db"_s));
    QVERIFY(database);
    Database &file = **database;
    SqliteStore store(*std::move(database));
    QSignalSpy failed(&store, &ClientStore::failed);
    store.use(kJun);
    QVERIFY(file.run(u"PRAGMA max_page_count = 1"_s)); // SQLite raises it to what there is
    OutboxEntry large = entry(u"a"_s);
    large.text = QString(20'000, u'x');
    store.outbox().append(large);
    QCOMPARE(failed.size(), 1);
    QVERIFY2(failed[0][0].toString().contains(u"full"_s), qUtf8Printable(failed[0][0].toString()));
    QVERIFY(!store.outlivesProcess());
    store.outbox().append(entry(u"b"_s));
    QCOMPARE(failed.size(), 1);
    QCOMPARE(store.outbox().entries(), (QList<OutboxEntry>{large, entry(u"b"_s)}));

    // WHEN there is room again THEN the next change brings all of it
    QVERIFY(file.run(u"PRAGMA max_page_count = 100000"_s));
    store.outbox().append(entry(u"c"_s));
    QVERIFY(store.outlivesProcess());
    const auto after = open(crashed());
    after->use(kJun);
    QCOMPARE(after->outbox().entries(), (QList<OutboxEntry>{large, entry(u"b"_s), entry(u"c"_s)}));
}

void TestSqliteStore::aFullDiskAtTheStart()
{
    auto database = Database::open(m_folder->filePath(u"chat.db"_s));
    QVERIFY(database);
    Database &file = **database;
    SqliteStore store(*std::move(database));
    QSignalSpy failed(&store, &ClientStore::failed);
    QVERIFY(file.run(u"PRAGMA query_only = 1"_s)); // no change at all succeeds
    store.use(kJun);
    QCOMPARE(failed.size(), 1);
    store.outbox().append(entry(u"a"_s));
    QVERIFY(!store.outlivesProcess());
    QVERIFY(!store.keepSession({u"token"_s, {}}));
    QVERIFY(!store.keepRoom(u"general"_s, {kPosition, {}, std::nullopt}, ClientStore::Continuity::GoesOn));
    QVERIFY(!store.writeAgain());
    QCOMPARE(failed.size(), 1);

    // WHEN there is room again THEN all is kept, without another message
    QVERIFY(file.run(u"PRAGMA query_only = 0"_s));
    QVERIFY(store.writeAgain());
    QVERIFY(store.outlivesProcess());
    QVERIFY(store.keepSession({u"token"_s, {}}));
    QVERIFY(store.keepRoom(u"general"_s, {kPosition, {}, std::nullopt}, ClientStore::Continuity::GoesOn));
    const auto after = open(crashed());
    after->use(kJun);
    QCOMPARE(after->outbox().entries(), QList<OutboxEntry>{entry(u"a"_s)});
    QCOMPARE(after->session().resumeToken, u"token"_s);
    QCOMPARE(after->room(u"general"_s).position, std::optional(kPosition));

    // and what fails after that is said again
    QVERIFY(file.run(u"PRAGMA query_only = 1"_s));
    store.outbox().append(entry(u"b"_s));
    QCOMPARE(failed.size(), 2);
}

/// What it has is there, even though nothing can be added.
void TestSqliteStore::aFullDiskAndAKnownAccount()
{
    {
        const auto store = open();
        store->use(kJun);
        store->outbox().append(entry(u"a"_s));
    }
    auto database = Database::open(m_folder->filePath(u"chat.db"_s));
    QVERIFY(database);
    Database &file = **database;
    SqliteStore store(*std::move(database));
    QVERIFY(file.run(u"PRAGMA query_only = 1"_s));
    store.use(kJun);
    QVERIFY2(store.isFailing(), "also before there is a message that cannot be kept");
    store.outbox().append(entry(u"b"_s));
    QCOMPARE(store.outbox().entries(), (QList<OutboxEntry>{entry(u"a"_s), entry(u"b"_s)}));
    QVERIFY(file.run(u"PRAGMA query_only = 0"_s));
    QVERIFY(store.writeAgain());
    QVERIFY(!store.isFailing());
    const auto after = open(crashed());
    after->use(kJun);
    QCOMPARE(after->outbox().entries(), (QList<OutboxEntry>{entry(u"a"_s), entry(u"b"_s)}));
}

/// Also when something else cannot be written after that, and then can.
void TestSqliteStore::whatCannotBeReadStays()
{
    {
        const auto store = open();
        store->use(kJun);
        store->outbox().append(entry(u"a"_s));
    }
    auto database = Database::open(m_folder->filePath(u"chat.db"_s));
    QVERIFY(database);
    Database &file = **database;
    SqliteStore store(*std::move(database));
    QSignalSpy failed(&store, &ClientStore::failed);
    QVERIFY(file.run(u"ALTER TABLE outbox RENAME COLUMN text TO unreadable"_s));
    store.use(kJun);
    QCOMPARE(failed.size(), 1);
    QVERIFY(!store.outlivesProcess());
    QVERIFY(file.run(u"ALTER TABLE outbox RENAME COLUMN unreadable TO text"_s));
    QVERIFY(file.run(u"PRAGMA query_only = 1"_s));
    store.outbox().append(entry(u"b"_s));
    QVERIFY(file.run(u"PRAGMA query_only = 0"_s));
    store.outbox().append(entry(u"c"_s));
    QVERIFY(store.outlivesProcess());
    const QList<OutboxEntry> all{entry(u"a"_s), entry(u"b"_s), entry(u"c"_s)};
    QCOMPARE(store.outbox().entries(), all);
    const auto after = open(crashed());
    after->use(kJun);
    QCOMPARE(after->outbox().entries(), all);
}

void TestSqliteStore::nothingGoesToAnotherServer()
{
    auto database = Database::open(m_folder->filePath(u"chat.db"_s));
    QVERIFY(database);
    Database &file = **database;
    SqliteStore store(*std::move(database));
    store.use(kJun);
    store.outbox().append(entry(u"a"_s));
    QVERIFY(store.keepSession({u"token"_s, {}}));
    QVERIFY(file.run(u"PRAGMA query_only = 1"_s));
    store.use({u"ws://other.example/ws"_s, kJun.identity});
    QCOMPARE(store.outbox().entries(), QList<OutboxEntry>());
    QCOMPARE(store.session(), KeptSession{});
    QVERIFY(file.run(u"PRAGMA query_only = 0"_s));
    store.outbox().append(entry(u"b"_s));
    QCOMPARE(store.outbox().entries(), QList<OutboxEntry>{entry(u"b"_s)});
    store.use(kJun);
    QCOMPARE(store.outbox().entries(), QList<OutboxEntry>{entry(u"a"_s)});
}

/// The one in use stays, whatever the others' times say.
void TestSqliteStore::aClockThatWasSetBack()
{
    const auto store = open();
    for (int i = 0; i < SqliteAccounts::kKept; ++i)
        store->use({kJun.server, QString::number(i)});
    m_now -= 24h;
    store->use(kJun);
    QVERIFY(store->keepSession({u"token"_s, {}}));
    QCOMPARE(store->session().resumeToken, u"token"_s);
}

/// From the file and its log: at once, though the program goes on.
void TestSqliteStore::whatIsDeletedIsGone()
{
    const auto onDisk = [this](const QByteArray &text) {
        QByteArray all;
        for (const QString &suffix : {u""_s, u"-wal"_s}) {
            QFile file(m_folder->filePath(u"chat.db"_s) + suffix);
            if (file.open(QIODevice::ReadOnly))
                all += file.readAll();
        }
        return all.contains(text);
    };
    const DeletedBy ann{u"ann"_s, u"Ann"_s, u"2026-01-01T01:00:00.000Z"_s};
    const auto store = open();
    store->use(kJun);
    KeptRoom news{kPosition, {message(5), message(6), message(7)}};
    news.messages[1].message.text = u"SECRET"_s;
    news.messages[2].message.text = u"BULKY "_s + QString(30'000, u'x'); // on pages of its own
    QVERIFY(store->keepRoom(u"general"_s, news, ClientStore::Continuity::GoesOn));
    QVERIFY(onDisk("SECRET") && onDisk("BULKY"));
    KeptRoom deletion{RoomPosition{u"e1"_s, 9, u"id-9"_s}, {}, std::nullopt};
    for (const QString &id : {u"id-6"_s, u"id-7"_s, u"id-4711"_s}) // the last one is not here
        deletion.deleted.append({u"general"_s, id, ann});
    QVERIFY(store->keepRoom(u"general"_s, deletion, ClientStore::Continuity::GoesOn));
    QVERIFY2(!onDisk("SECRET") && !onDisk("BULKY"), "it is still there");

    for (const int i : {1, 2}) {
        news.messages[i].message.text.clear();
        news.messages[i].message.deletedBy = ann;
    }
    news.position = deletion.position;
    QCOMPARE(store->room(u"general"_s), news);
    const auto after = open(crashed());
    after->use(kJun);
    QCOMPARE(after->room(u"general"_s), news);

    // A tombstone of a page is kept as it is.
    KeptMessage tombstone = message(10);
    tombstone.message.text.clear();
    tombstone.message.deletedBy = ann;
    QVERIFY(store->keepRoom(u"general"_s, {RoomPosition{u"e1"_s, 10}, {tombstone}},
                            ClientStore::Continuity::GoesOn));
    QCOMPARE(store->room(u"general"_s).messages.last(), tombstone);
}

/// The others may not come for long. Another server's ids are its own.
void TestSqliteStore::deletedForAllWhoUseTheServer()
{
    const Account rosa{kJun.server, u"Rosa"_s};
    const Account elsewhere{u"ws://other.example/ws"_s, kJun.identity};
    const auto store = open();
    for (const Account &each : {kJun, rosa, elsewhere}) {
        store->use(each);
        for (const QString &room : {u"general"_s, u"other"_s})
            QVERIFY(store->keepRoom(room, {kPosition, {message(7)}}, ClientStore::Continuity::GoesOn));
    }
    store->use(kJun);
    KeptRoom deletion{RoomPosition{u"e1"_s, 8}, {}, std::nullopt};
    deletion.deleted = {{u"general"_s, u"id-7"_s, {u"ann"_s, u"Ann"_s, {}}}};
    QVERIFY(store->keepRoom(u"general"_s, deletion, ClientStore::Continuity::GoesOn));
    const auto isDeleted = [&store](const Account &account, const QString &room) {
        store->use(account);
        return store->room(room).messages.first().message.deletedBy.has_value();
    };
    QVERIFY(isDeleted(kJun, u"general"_s));
    QVERIFY(isDeleted(rosa, u"general"_s));
    QVERIFY(!isDeleted(kJun, u"other"_s));
    QVERIFY(!isDeleted(elsewhere, u"general"_s));
}

PARLOR_TEST_WITHIN(QCoreApplication, TestSqliteStore)
#include "tst_sqlitestore.moc"
