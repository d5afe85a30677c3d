// SPDX-License-Identifier: MIT
// What of a session a recorder hands to its store, and when.
#include "shared/client/memoryoutbox.h"
#include "shared/client/recorder.h"
#include "tests/support/testclass.h"
#include "tests/unit/shared/client/scriptedserver.h"

#include <QJsonArray>
#include <QSignalSpy>
#include <QTest>

#include <memory>

using namespace parlor;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const QString kRecordedRoom = u"general"_s;

/// Remembers what it is told, and fails on demand.
class NotingStore final : public ClientStore
{
public:
    struct Note
    {
        KeptRoom news;
        Continuity continuity = Continuity::GoesOn;
    };

    bool use(const Account &account) override
    {
        m_account = account;
        return m_isAnother;
    }
    void rename(const QString &identity) override { m_account.identity = identity; }
    bool keepSession(const KeptSession &session) override
    {
        if (!m_fails)
            m_session = session;
        return !m_fails;
    }
    bool writeAgain() override
    {
        ++m_retries;
        return !m_fails;
    }
    bool keepRoom(const QString &, const KeptRoom &news, Continuity continuity) override
    {
        m_notes.append({news, continuity});
        return !m_fails;
    }
    bool keepRead(const QString &, quint64 seq) override
    {
        if (!m_fails)
            m_kept.read = seq;
        return !m_fails;
    }
    void forgetRoom(const QString &) override { m_kept = {}; }
    Outbox &outbox() override { return m_outbox; }
    KeptSession session() const override { return m_session; }
    KeptRoom room(const QString &) const override { return m_kept; }
    bool outlivesProcess() const override { return true; }

    MemoryOutbox m_outbox;
    Account m_account;
    KeptSession m_session;
    KeptRoom m_kept;
    QList<Note> m_notes;
    int m_retries = 0;
    bool m_fails = false;
    bool m_isAnother = true; ///< the account that comes into use
};

} // namespace

class TestRecorder : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void messagesAndPositionComeTogether();
    void aHoleIsNoted();
    void ofHolesInARowTheGraverOne();
    void afterAFailureTheRoomStartsAnew();
    void anotherNameInMidSession_data();
    void anotherNameInMidSession();
    void theSession();
    void triesAgainByItself();
    void whatWasRead();
    void whatIsOurs();
    void anAddressIsKeptWithoutItsSecrets();
    void whatIsKeptSettlesTheOutbox();
    void whatIsDeletedIsNotKept();

private:
    /// Connects and joins `general`.
    void enter();

    std::unique_ptr<ScriptedServer> m_server;
    std::unique_ptr<NotingStore> m_store;
    std::unique_ptr<ChatClient> m_client;
    std::unique_ptr<Recorder> m_recorder;
};

void TestRecorder::init()
{
    m_server = std::make_unique<ScriptedServer>();
    m_store = std::make_unique<NotingStore>();
    m_client = std::make_unique<ChatClient>(ClientOptions{}, m_store->outbox());
    m_recorder = std::make_unique<Recorder>(*m_client, *m_store, 1ms);
    m_recorder->open({u"ws://chat.example/ws"_s, u"Jun"_s});
}

void TestRecorder::cleanup()
{
    m_recorder.reset();
    m_client.reset();
}

void TestRecorder::enter()
{
    m_client->rooms().join(kRecordedRoom);
    m_client->connectToServer(m_server->url(), {});
    QVERIFY(m_server->authenticate());
    QVERIFY(m_server->join(kRecordedRoom));
    QTRY_COMPARE(m_client->rooms().phase(kRecordedRoom), RoomPhase::Ready);
    m_recorder->flush();
    m_store->m_notes.clear();
}

void TestRecorder::messagesAndPositionComeTogether()
{
    enter();
    m_server->send(messageFrame(1, u"one"_s));
    m_server->send(messageFrame(2, u"two"_s));
    QTRY_COMPARE(m_client->rooms().position(kRecordedRoom)->seq, 2U);
    QTRY_VERIFY(!m_store->m_notes.isEmpty()); // by itself, after a while
    quint64 last = 0;
    for (const auto &each : m_store->m_notes) {
        for (const KeptMessage &kept : each.news.messages) {
            QCOMPARE(kept.message.seq, ++last);
        }
        QCOMPARE(*each.news.position, (RoomPosition{u"e1"_s, last, u"id%1"_s.arg(last)}));
    }
    QCOMPARE(last, 2U);
}

void TestRecorder::aHoleIsNoted()
{
    enter();
    m_server->send(messageFrame(1, u"one"_s));
    m_server->send(syncFrame(9, {}, false, u"too_many"_s));
    QTRY_COMPARE(m_client->rooms().position(kRecordedRoom)->seq, 9U);
    m_recorder->flush();
    const MissingMessages missing{frame::SyncReason::TooMany};
    QCOMPARE(m_store->m_notes.last().news.missingNext, std::optional(missing));
    m_server->send(messageFrame(10, u"ten"_s));
    QTRY_COMPARE(m_client->rooms().position(kRecordedRoom)->seq, 10U);
    m_recorder->flush();
    const KeptRoom last = m_store->m_notes.last().news;
    QCOMPARE(last.messages.last().missingAbove, std::optional(missing));
    QVERIFY(!last.missingNext);
}

/// That the numbers began anew must not be forgotten.
void TestRecorder::ofHolesInARowTheGraverOne()
{
    enter();
    m_server->send(messageFrame(1, u"one"_s));
    m_server->send(syncFrame(0, {}, false, u"ahead"_s));
    m_server->send(syncFrame(2000, {}, false, u"too_many"_s));
    m_server->send(messageFrame(2001, u"later"_s));
    QTRY_COMPARE(m_client->rooms().position(kRecordedRoom)->seq, 2001U);
    m_recorder->flush();
    const KeptRoom last = m_store->m_notes.last().news;
    QCOMPARE(last.messages.last().missingAbove, std::optional(MissingMessages{frame::SyncReason::Ahead}));
}

void TestRecorder::afterAFailureTheRoomStartsAnew()
{
    enter();
    m_store->m_fails = true;
    m_server->send(messageFrame(1, u"one"_s));
    QTRY_COMPARE(m_client->rooms().position(kRecordedRoom)->seq, 1U);
    m_recorder->flush();
    m_store->m_fails = false;
    for (quint64 seq = 2; seq <= 3; ++seq) {
        m_server->send(messageFrame(seq, u"later"_s));
        QTRY_COMPARE(m_client->rooms().position(kRecordedRoom)->seq, seq);
        m_recorder->flush();
        QVERIFY(m_store->m_notes.last().continuity ==
                (seq == 2 ? ClientStore::Continuity::StartsAnew : ClientStore::Continuity::GoesOn));
    }
}

void TestRecorder::anotherNameInMidSession_data()
{
    QTest::addColumn<bool>("isAnother");
    QTest::addColumn<bool>("wasBroken");
    QTest::addColumn<bool>("startsAnew");
    QTest::newRow("the same account") << false << false << false;
    QTest::newRow("the same account, of which something is not kept") << false << true << true;
    QTest::newRow("another account") << true << false << true;
}

/// The rooms go on: what is known of them is not forgotten, and another account's are not continued.
void TestRecorder::anotherNameInMidSession()
{
    QFETCH(bool, isAnother);
    QFETCH(bool, wasBroken);
    QFETCH(bool, startsAnew);
    enter();
    m_store->m_fails = wasBroken;
    m_server->send(syncFrame(9, {}, false, u"too_many"_s));
    QTRY_COMPARE(m_client->rooms().position(kRecordedRoom)->seq, 9U);
    m_recorder->flush();
    m_store->m_fails = false;
    const KeptSession session = m_recorder->session();
    m_store->m_isAnother = isAnother;
    m_recorder->open({u"ws://chat.example/ws"_s, u"June"_s});
    QCOMPARE(m_recorder->session(), session);
    m_server->send(messageFrame(10, u"ten"_s));
    QTRY_COMPARE(m_client->rooms().position(kRecordedRoom)->seq, 10U);
    m_recorder->flush();
    const auto last = m_store->m_notes.last();
    QVERIFY(last.continuity ==
            (startsAnew ? ClientStore::Continuity::StartsAnew : ClientStore::Continuity::GoesOn));
    const std::optional<MissingMessages> missing(MissingMessages{frame::SyncReason::TooMany});
    QCOMPARE(last.news.messages.last().missingAbove, isAnother ? std::nullopt : missing);
}

void TestRecorder::theSession()
{
    enter();
    QCOMPARE(m_store->m_session.info.clientId, u"me"_s);
    QVERIFY(!m_store->m_session.resumeToken.isEmpty());
    QCOMPARE(m_recorder->session(), m_store->m_session);
}

void TestRecorder::triesAgainByItself()
{
    m_store->m_fails = true;
    enter();
    Q_EMIT m_store->failed(u"the disk is full"_s);
    QSignalSpy mended(m_recorder.get(), &Recorder::mended);
    QTRY_VERIFY(m_store->m_retries > 1);
    QCOMPARE(mended.size(), 0);
    QCOMPARE(m_store->m_session, KeptSession{});
    m_store->m_fails = false;
    QTRY_COMPARE(m_store->m_session, m_recorder->session());
    QVERIFY(!m_store->m_session.resumeToken.isEmpty());
    QCOMPARE(mended.size(), 1);
}

void TestRecorder::whatWasRead()
{
    m_store->m_fails = true;
    m_recorder->setRead(kRecordedRoom, 7);
    m_recorder->flush();
    QVERIFY(!m_store->m_kept.read);
    m_store->m_fails = false;
    m_recorder->flush(); // what could not be written is still to be
    QCOMPARE(m_store->m_kept.read, std::optional<quint64>(7));
    m_recorder->setRead(kRecordedRoom, 8);
    QTRY_COMPARE(m_store->m_kept.read, std::optional<quint64>(8)); // by itself, after a while
}

void TestRecorder::whatIsOurs()
{
    enter();
    QJsonObject mine = messageFrame(1, u"mine"_s);
    mine[u"user"_s] = u"me"_s;
    m_server->send(mine);
    m_server->send(messageFrame(2, u"another's"_s));
    QTRY_COMPARE(m_client->rooms().position(kRecordedRoom)->seq, 2U);
    m_recorder->flush();
    QList<bool> own;
    for (const auto &each : m_store->m_notes) {
        for (const KeptMessage &kept : each.news.messages)
            own.append(kept.own);
    }
    QCOMPARE(own, (QList<bool>{true, false}));
}

void TestRecorder::anAddressIsKeptWithoutItsSecrets()
{
    const Account account = accountOf(QUrl(u"ws://me:word@chat.example:81/ws?token=secret"_s), u"Jun"_s);
    QCOMPARE(account, (Account{u"ws://chat.example:81/ws"_s, u"Jun"_s}));
}

/// A crash between the arrival of our own message and its acknowledgement.
void TestRecorder::whatIsKeptSettlesTheOutbox()
{
    OutboxEntry entry;
    entry.room = kRecordedRoom;
    entry.cid = u"mine"_s;
    entry.state = OutboxState::Unconfirmed;
    m_store->m_outbox.append(entry);
    entry.cid = u"other"_s;
    m_store->m_outbox.append(entry);
    KeptMessage kept;
    kept.message.room = kRecordedRoom;
    kept.message.cid = u"mine"_s;
    m_store->m_kept = {RoomPosition{u"e"_s, 1}, {kept}, std::nullopt};
    QCOMPARE(m_recorder->recall(kRecordedRoom), m_store->m_kept);
    QCOMPARE(m_store->m_outbox.entries(), QList<OutboxEntry>{entry});
}

/// Neither of what the store has, nor of what it would get.
void TestRecorder::whatIsDeletedIsNotKept()
{
    enter();
    m_server->send(messageFrame(1, u"one"_s));
    QTRY_COMPARE(m_client->rooms().position(kRecordedRoom)->seq, 1U);
    m_recorder->flush();
    m_store->m_notes.clear();
    // What comes in one event loop's turn is written at once.
    connect(&m_client->rooms(), &RoomBook::messageDeleted, this, [this](const MessageDeletion &deletion) {
        if (deletion.id == u"id2"_s)
            m_recorder->flush();
    });
    for (const QJsonObject &each : {messageFrame(2, u"two"_s), deletedFrame(3, 1), deletedFrame(4, 2)})
        m_server->send(each);
    QTRY_COMPARE(m_client->rooms().position(kRecordedRoom)->seq, 4U);
    m_recorder->flush();
    QStringList deleted;
    QStringList texts;
    for (const auto &each : std::as_const(m_store->m_notes)) {
        for (const KeptMessage &kept : each.news.messages)
            texts.append(kept.message.text);
        for (const MessageDeletion &one : each.news.deleted)
            deleted.append(one.id);
    }
    QCOMPARE(deleted, (QStringList{u"id1"_s, u"id2"_s}));
    QCOMPARE(texts, QStringList{QString()});
    QCOMPARE(m_store->m_notes.last().news.position->seq, 4U);
}

PARLOR_TEST_WITHIN(QCoreApplication, TestRecorder)
#include "tst_recorder.moc"
