// SPDX-License-Identifier: MIT
// A v1 client whose message waits for the store: what it asks for next comes after it.
#include "tests/integration/v1/v1frames.h"
#include "tests/support/httpexchange.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <sqlite3.h>

using namespace parlor::test;
using namespace Qt::StringLiterals;

class V1StoreTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void switchBehindMessages();
    void switchBehindARefusedMessage();
    void errorBehindAMessage();

private:
    /// Commits wait while it lives; after two seconds they fail.
    class HeldStore
    {
    public:
        explicit HeldStore(const QString &path)
        {
            sqlite3_open(path.toUtf8().constData(), &m_database);
            m_isHeld = sqlite3_exec(m_database, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK;
        }
        ~HeldStore() { sqlite3_close(m_database); }
        HeldStore(const HeldStore &) = delete;
        HeldStore &operator=(const HeldStore &) = delete;
        [[nodiscard]] bool isHeld() const { return m_isHeld; }

    private:
        sqlite3 *m_database = nullptr;
        bool m_isHeld = false;
    };

    [[nodiscard]] QString path() const { return m_folder->filePath(u"parlor.db"_s); }
    [[nodiscard]] bool hasWaiting(int messages) const
    {
        const QByteArray line = "\nparlor_store_waiting " + QByteArray::number(messages) + '\n';
        return exchange(m_server->port(), getRequest("/metrics")).body.contains(line);
    }
    /// In one write, so that the server reads all of them in one turn.
    [[nodiscard]] static bool sendTogether(RawChat &client, const QList<QByteArray> &texts)
    {
        QByteArray frames;
        for (const QByteArray &text : texts)
            frames += textFrame(text);
        return client.webSocket().send(frames);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<ServerProcess> m_server;
};

void V1StoreTest::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_server = std::make_unique<ServerProcess>(ServerProcess::Settings{
        .program = u"parlor-server"_s, .arguments = {u"--store"_s, u"sqlite:"_s + path()}});
    PARLOR_EXPECT(m_server->start());
}

void V1StoreTest::cleanup()
{
    PARLOR_EXPECT(m_server->stop());
}

void V1StoreTest::switchBehindMessages()
{
    RawChat ann;
    RawChat bob;
    PARLOR_EXPECT(bob.openAndJoin(m_server->port(), Dialect::V1, u"first"_s));
    PARLOR_EXPECT(ann.openAndJoin(m_server->port(), Dialect::V1, u"first"_s));
    PARLOR_EXPECT(bob.expect(userJoined(ann)));
    {
        const HeldStore held(path());
        QVERIFY(held.isHeld());
        QVERIFY(sendTogether(ann, {"one", "two", R"({"type":"join","room":"second"})", "three"}));
        QTRY_VERIFY(hasWaiting(2));
    }
    PARLOR_EXPECT(expectOwnMessage(ann, u"one"_s));
    PARLOR_EXPECT(expectOwnMessage(ann, u"two"_s));
    PARLOR_EXPECT(ann.expect(userJoined(ann)));
    PARLOR_EXPECT(expectRoomUsers(ann, {&ann}));
    PARLOR_EXPECT(expectOwnMessage(ann, u"three"_s));
    PARLOR_EXPECT(expectMessage(bob, ann.clientId(), u"one"_s));
    PARLOR_EXPECT(expectMessage(bob, ann.clientId(), u"two"_s));
    PARLOR_EXPECT(bob.expect(userLeft(ann)));
}

void V1StoreTest::switchBehindARefusedMessage()
{
    RawChat ann;
    PARLOR_EXPECT(ann.openAndJoin(m_server->port(), Dialect::V1, u"first"_s));
    const HeldStore held(path());
    QVERIFY(held.isHeld());
    QVERIFY(sendTogether(ann, {"one", R"({"type":"join","room":"second"})"}));
    PARLOR_EXPECT(ann.expectError(u"unavailable"_s));
    PARLOR_EXPECT(ann.expect(userJoined(ann)));
    PARLOR_EXPECT(expectRoomUsers(ann, {&ann}));
}

void V1StoreTest::errorBehindAMessage()
{
    RawChat ann;
    PARLOR_EXPECT(ann.openAndJoin(m_server->port(), Dialect::V1, u"first"_s));
    {
        const HeldStore held(path());
        QVERIFY(held.isHeld());
        QVERIFY(sendTogether(ann, {"one", R"({"type":"join","room":"!"})", R"({"type":"nonsense"})", "two"}));
        QTRY_VERIFY(hasWaiting(1));
    }
    PARLOR_EXPECT(expectMessage(ann, u"server"_s, u"one"_s));
    PARLOR_EXPECT(ann.expectError(u"room_invalid"_s));
    PARLOR_EXPECT(expectMessage(ann, ann.clientId(), u"one"_s));
    PARLOR_EXPECT(ann.expectError(u"unknown_type"_s));
    PARLOR_EXPECT(expectOwnMessage(ann, u"two"_s));
}

PARLOR_TEST_WITHIN(QCoreApplication, V1StoreTest)
#include "tst_v1_store.moc"
