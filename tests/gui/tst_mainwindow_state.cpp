// SPDX-License-Identifier: MIT
// What the window has before it is connected: the last pages, what is not sent, where messages are missing.
#include "shared/client/storage/sqlitestore.h"
#include "tests/gui/windowundertest.h"
#include "tests/support/rawchat.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"
#include "tests/unit/shared/client/scriptedserver.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QJsonArray>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace parlor;
using namespace parlor::gui;
using namespace parlor::gui::test;
using namespace parlor::test;
using namespace Qt::StringLiterals;

class TestMainWindowState : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void opensWithWhatItHad();
    void asksOnlyAboutDrafts();
    void comesBackToAServer();
    void theDividerStays_data();
    void theDividerStays();
    void twoHolesInARow();
    void theSameHistoryUnderANewEpoch();
    void olderOnesAdjoinWhatWasKept();
    void leavingARoomForgetsIt();
    void aNewNameTakesItAlong();
    void connectingAgainKeepsIt_data();
    void connectingAgainKeepsIt();
    void saysWhatWaitsUnderAnotherName();
    void saysThatTheServerTakesNothing();
    void saysThatTheServersDoNotReachEachOther();
    void movesToAnotherServerQuietly_data();
    void movesToAnotherServerQuietly();
    void saysThatTheConnectionStaysAway();
    void saysThatNothingIsKept();
    void saysThatNothingIsKeptAnyMore();

private:
    using Delivery = MessageModel::Delivery;
    [[nodiscard]] std::unique_ptr<WindowUnderTest> start(Scheme scheme = Scheme::Light) const
    {
        return std::make_unique<WindowUnderTest>(scheme, WindowUnderTest::hastyOptions(), m_profile->path());
    }
    /// Brings the window into `general` with the first messages, and reads the questions that it asks.
    static void enter(ScriptedServer &server, WindowUnderTest &app, const QJsonArray &events, quint64 top);
    [[nodiscard]] static QVariant role(WindowUnderTest &app, int row, MessageModel::Role role)
    {
        const MessageModel *messages = app.controller().messages(app.controller().currentRoom());
        return messages->index(row).data(role);
    }
    [[nodiscard]] static Delivery delivery(WindowUnderTest &app, int row)
    {
        return role(app, row, MessageModel::DeliveryRole).value<Delivery>();
    }

    std::unique_ptr<QTemporaryDir> m_profile;
};

void TestMainWindowState::initTestCase()
{
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
}

void TestMainWindowState::init()
{
    m_profile = std::make_unique<QTemporaryDir>();
}

void TestMainWindowState::opensWithWhatItHad()
{
    auto server = std::make_unique<ServerProcess>(ServerProcess::Settings{.program = u"parlor-server"_s});
    PARLOR_EXPECT(server->start());
    const QString address = u"127.0.0.1:%1"_s.arg(server->port());
    {
        RawChat rosa;
        PARLOR_EXPECT(rosa.openAndJoin(server->port(), Dialect::V2, u"general"_s));
        const auto app = start();
        app->open(address);
        QTRY_VERIFY(app->controller().connection().isReady());
        PARLOR_EXPECT(rosa.chats(u"general"_s, u"the deploy is done"_s));
        QTRY_COMPARE(app->said().size(), 1);
        app->type(u"thanks"_s);
        app->pressEnter();
        QTRY_COMPARE(app->controller().unsent(), 0);
        server->kill();
        QTRY_VERIFY(!app->controller().connection().isReady());
        app->type(u"one more thing"_s);
        app->pressEnter();
    }

    // WHEN the window opens and nobody is there
    const auto app = start();
    app->open(address);
    const QStringList all{u"the deploy is done"_s, u"thanks"_s, u"one more thing"_s};

    // THEN it has all of it, with its marks
    QCOMPARE(app->said(), all);
    QCOMPARE(delivery(*app, 0), Delivery::Received);
    QCOMPARE(delivery(*app, 1), Delivery::Sent);
    QCOMPARE(delivery(*app, 2), Delivery::Queued);
    QTRY_VERIFY(!app->banner().isEmpty());
    QVERIFY(app->save(u"opened-offline"_s));

    // and where there is a server again, what waited is sent
    server = std::make_unique<ServerProcess>(
        ServerProcess::Settings{.program = u"parlor-server"_s, .arguments = {u"--listen"_s, address}});
    PARLOR_EXPECT(server->start());
    QTRY_VERIFY((app->controller().retryNow(), app->controller().connection().isReady()));
    QTRY_COMPARE(delivery(*app, 2), Delivery::Sent);
    QCOMPARE(app->said(), all);
    // it lost the old ones, which is said
    QVERIFY(!role(*app, 2, MessageModel::GapRole).toString().isEmpty());
}

void TestMainWindowState::asksOnlyAboutDrafts()
{
    const auto app = start();
    app->open(u"127.0.0.1:1"_s);
    app->type(u"kept"_s);
    app->pressEnter();
    QCOMPARE(app->controller().unsent(), 1);
    app->window().close();
    QVERIFY(!app->window().isVisible());
}

void TestMainWindowState::comesBackToAServer()
{
    const auto app = start();
    app->open(u"127.0.0.1:1"_s);
    app->type(u"for the first"_s);
    app->pressEnter();
    app->window().connectTo(u"127.0.0.1:2"_s, u"Jun"_s, {});
    QCOMPARE(app->said(), QStringList());
    QCOMPARE(app->controller().unsent(), 0);
    app->window().connectTo(u"127.0.0.1:1"_s, u"Jun"_s, {});
    QCOMPARE(app->said(), QStringList{u"for the first"_s});
    QCOMPARE(app->controller().unsent(), 1);
}

void TestMainWindowState::enter(ScriptedServer &server, WindowUnderTest &app, const QJsonArray &events,
                                quint64 top)
{
    app.open(server.url().toString());
    QVERIFY(server.authenticate());
    const QJsonObject join = server.expect(u"join"_s);
    server.answer(join, {{u"type"_s, u"ack"_s}, {u"room"_s, u"general"_s}});
    server.send(syncFrame(top, events, false));
    QVERIFY(!server.expect(u"rooms"_s).isEmpty());
    QTRY_COMPARE(app.said().size(), events.size());
    if (events.first()[u"seq"_s].toInt() > 1) // the view has room for older ones
        QVERIFY(!server.expect(u"history"_s).isEmpty());
}

void TestMainWindowState::theDividerStays_data()
{
    QTest::addColumn<QString>("reason");
    QTest::addColumn<QString>("says");
    QTest::newRow("too many") << u"too_many"_s
                              << u"More came since than is brought at once: messages may be missing here"_s;
    QTest::newRow("ahead") << u"ahead"_s << u"History begins anew: messages may be missing"_s;
    QTest::newRow("diverged") << u"diverged"_s << u"History begins anew: messages may be missing"_s;
    QTest::newRow("of a newer server")
        << u"novelty"_s << u"The server no longer has all that came since: messages may be missing here"_s;
}

void TestMainWindowState::theDividerStays()
{
    QFETCH(QString, reason);
    QFETCH(QString, says);
    ScriptedServer server;
    {
        const auto app = start();
        enter(server, *app, {messageFrame(1, u"one"_s), messageFrame(2, u"two"_s)}, 2);
        server.drop();
        QTRY_VERIFY(!app->controller().connection().isReady());
        app->controller().retryNow();
        QVERIFY(server.authenticate(true));
        const QJsonObject join = server.expect(u"join"_s);
        server.answer(join, {{u"type"_s, u"ack"_s}, {u"room"_s, u"general"_s}});
        server.send(syncFrame(2000, {messageFrame(2000, u"much later"_s)}, false, reason));
        QTRY_COMPARE(app->said().size(), 3);
        QCOMPARE(role(*app, 2, MessageModel::GapRole).toString(), says);
    }
    const QString address = server.url().toString();
    server.stopListening();
    const auto app = start(Scheme::Dark);
    app->open(address);
    QCOMPARE(app->said(), (QStringList{u"one"_s, u"two"_s, u"much later"_s}));
    QCOMPARE(role(*app, 0, MessageModel::GapRole).toString(), QString());
    QCOMPARE(role(*app, 1, MessageModel::GapRole).toString(), QString());
    QCOMPARE(role(*app, 2, MessageModel::GapRole).toString(), says);
    QVERIFY(app->save(u"divider-"_s + QString(reason).replace(u'_', u'-')));
}

/// The numbering began anew, and the first of the new ones were missed, too: the recorder keeps the former.
void TestMainWindowState::twoHolesInARow()
{
    {
        const auto store = openStore(m_profile->filePath(u"window.db"_s));
        QVERIFY(store);
        (*store)->use({u"ws://127.0.0.1:1/ws"_s, u"Jun"_s});
        KeptRoom room{RoomPosition{u"e2"_s, 7}};
        for (const quint64 seq : {100, 7}) {
            KeptMessage &kept = room.messages.emplaceBack();
            kept.message.room = u"general"_s;
            kept.message.seq = seq;
            kept.message.id = QString::number(seq);
            kept.message.text = kept.message.id;
        }
        room.messages[1].missingAbove = MissingMessages{frame::SyncReason::Epoch};
        QVERIFY((*store)->keepRoom(u"general"_s, room, ClientStore::Continuity::GoesOn));
    }
    const auto app = start();
    app->open(u"127.0.0.1:1"_s);
    QCOMPARE(app->said(), (QStringList{u"100"_s, u"7"_s}));
    QCOMPARE(role(*app, 1, MessageModel::GapRole).toString(),
             u"History begins anew: messages may be missing"_s);
    QVERIFY(app->controller().messages(u"general"_s)->startsInLostHistory());
}

/// The server was started again from a backup that lacks nothing, and its newest page begins above what is
/// loaded; and once more while the window was closed.
void TestMainWindowState::theSameHistoryUnderANewEpoch()
{
    const auto texts = [](int first, int last) {
        QStringList all;
        for (int seq = first; seq <= last; ++seq)
            all.append(QString::number(seq));
        return all;
    };
    const auto messages = [](int first, int last) {
        QJsonArray all;
        for (int seq = first; seq <= last; ++seq)
            all.append(messageFrame(static_cast<quint64>(seq), QString::number(seq)));
        return all;
    };
    const auto gaps = [](WindowUnderTest &app) {
        int count = 0;
        for (int row = 0; row < app.said().size(); ++row)
            count += role(app, row, MessageModel::GapRole).toString().isEmpty() ? 0 : 1;
        return count;
    };
    ScriptedServer server;
    const auto startAnew = [&](const QString &epoch, int last) {
        QVERIFY(server.authenticate(true));
        server.answer(server.expect(u"join"_s), {{u"type"_s, u"ack"_s}, {u"room"_s, u"general"_s}});
        QJsonObject sync =
            syncFrame(static_cast<quint64>(last), messages(last - 199, last), false, u"epoch"_s);
        sync[u"epoch"_s] = epoch;
        server.send(sync);
        QVERIFY(!server.expect(u"rooms"_s).isEmpty());
        server.send(messageFrame(static_cast<quint64>(last) + 1, QString::number(last + 1)));
    };
    {
        const auto app = start();
        app->open(server.url().toString());
        QVERIFY(server.authenticate());
        server.answer(server.expect(u"join"_s), {{u"type"_s, u"ack"_s}, {u"room"_s, u"general"_s}});
        server.send(syncFrame(300, messages(251, 300), false));
        QVERIFY(!server.expect(u"rooms"_s).isEmpty());
        QTRY_COMPARE(app->said(), texts(251, 300));
        server.drop();
        QTRY_VERIFY(!app->controller().connection().isReady());
        app->controller().retryNow();
        startAnew(u"e2"_s, 300);
        QTRY_COMPARE(app->said().last(), u"301"_s);
        QCOMPARE(app->said(), texts(251, 301));
        QCOMPARE(gaps(*app), 0);
    }
    const auto app = start();
    app->open(server.url().toString());
    QCOMPARE(app->said(), texts(251, 301));
    QCOMPARE(gaps(*app), 0);
    startAnew(u"e3"_s, 302); // of which the last one was missed
    QTRY_COMPARE(app->said().last(), u"303"_s);
    QCOMPARE(app->said(), texts(251, 303));
    QCOMPARE(gaps(*app), 0);

    // Older ones are still to be had.
    app->controller().loadOlder();
    const QJsonObject history = server.expect(u"history"_s);
    QCOMPARE(history[u"before"_s].toInt(), 251);
    server.answer(history, {{u"type"_s, u"history"_s},
                            {u"room"_s, u"general"_s},
                            {u"epoch"_s, u"e3"_s},
                            {u"events"_s, messages(151, 250)},
                            {u"more"_s, true}});
    QTRY_COMPARE(app->said(), texts(151, 303));
    QCOMPARE(gaps(*app), 0);
}

void TestMainWindowState::olderOnesAdjoinWhatWasKept()
{
    ScriptedServer server;
    enter(server, *start(), {messageFrame(10, u"ten"_s), messageFrame(11, u"eleven"_s)}, 11);

    const auto app = start();
    app->open(server.url().toString());
    QCOMPARE(app->said(), (QStringList{u"ten"_s, u"eleven"_s}));
    const QAbstractItemModelTester tester(app->controller().messages(u"general"_s));
    app->controller().loadOlder(); // before there is anybody to ask
    QVERIFY(server.authenticate(true));
    const QJsonObject join = server.expect(u"join"_s);
    QCOMPARE(join[u"since"_s][u"seq"_s].toInt(), 11);
    server.answer(join, {{u"type"_s, u"ack"_s}, {u"room"_s, u"general"_s}});
    server.send(syncFrame(12, {messageFrame(12, u"twelve"_s)}, true));
    QVERIFY(!server.expect(u"rooms"_s).isEmpty());
    const QJsonObject history = server.expect(u"history"_s);
    QCOMPARE(history[u"before"_s].toInt(), 10);
    server.answer(history,
                  {{u"type"_s, u"history"_s},
                   {u"room"_s, u"general"_s},
                   {u"epoch"_s, syncFrame(1, {}, false)[u"epoch"_s]},
                   {u"events"_s, QJsonArray{messageFrame(8, u"eight"_s), messageFrame(9, u"nine"_s)}},
                   {u"more"_s, true}});
    QTRY_COMPARE(app->said(), (QStringList{u"eight"_s, u"nine"_s, u"ten"_s, u"eleven"_s, u"twelve"_s}));
    for (int row = 0; row < 5; ++row)
        QCOMPARE(role(*app, row, MessageModel::GapRole).toString(), QString());
}

void TestMainWindowState::leavingARoomForgetsIt()
{
    ScriptedServer server;
    {
        const auto app = start();
        enter(server, *app, {messageFrame(1, u"one"_s)}, 1);
        app->controller().leaveRoom(u"general"_s);
    }
    const auto app = start();
    app->open(server.url().toString());
    QCOMPARE(app->controller().currentRoom(), u"general"_s); // the one that is always there
    QCOMPARE(app->said(), QStringList());
}

void TestMainWindowState::aNewNameTakesItAlong()
{
    {
        const auto app = start();
        app->open(u"127.0.0.1:1"_s, u"Jun"_s);
        app->type(u"kept"_s);
        app->pressEnter();
        app->controller().changeName(u"June"_s);
    }
    // Both names find it: who started with the first one does so again.
    for (const QString &name : {u"Jun"_s, u"June"_s}) {
        const auto app = start();
        app->open(u"127.0.0.1:1"_s, name);
        QCOMPARE(app->said(), QStringList{u"kept"_s});
        QVERIFY(!app->child<QWidget>("notice").isVisible());
    }
}

void TestMainWindowState::connectingAgainKeepsIt_data()
{
    QTest::addColumn<QString>("asked");
    QTest::addColumn<QString>("given"); // by the server
    QTest::addColumn<bool>("typesIt");  // the person, into the dialog
    QTest::newRow("no name, as offered") << QString() << u"me"_s << false;
    QTest::newRow("no name, the server's one") << QString() << u"me"_s << true;
    QTest::newRow("another form, as offered") << u"Jose\u0301"_s << u"Jos\u00e9"_s << false;
    QTest::newRow("another form, the server's one") << u"Jose\u0301"_s << u"Jos\u00e9"_s << true;
}

/// Whatever the server made of the name.
void TestMainWindowState::connectingAgainKeepsIt()
{
    QFETCH(QString, asked);
    QFETCH(QString, given);
    QFETCH(bool, typesIt);
    ScriptedServer server;
    const QString address = server.url().toString();
    {
        const auto app = start();
        app->open(address, asked);
        server.answer(server.expect(u"auth"_s), {{u"type"_s, u"ack"_s},
                                                 {u"client_id"_s, u"me"_s},
                                                 {u"user"_s, u"me"_s},
                                                 {u"username"_s, given},
                                                 {u"resumed"_s, false},
                                                 {u"resume"_s, u"token"_s},
                                                 {u"resume_ttl_ms"_s, 1'000'000}});
        const QJsonObject join = server.expect(u"join"_s);
        server.answer(join, {{u"type"_s, u"ack"_s}, {u"room"_s, u"general"_s}});
        server.send(syncFrame(1, {messageFrame(1, u"one"_s)}, false));
        QTRY_COMPARE(app->said(), QStringList{u"one"_s});
        QCOMPARE(app->controller().username(), given);
        app->window().showConnectDialog();
        auto &name = app->child<QLineEdit>("connectName");
        QCOMPARE(name.text(), asked);
        if (typesIt)
            name.setText(given);
        QTest::mouseClick(&app->child<QPushButton>("connectButton"), Qt::LeftButton);
    }
    server.stopListening();
    QSettings written(m_profile->filePath(u"parlor.ini"_s), QSettings::IniFormat);
    const auto app = start();
    app->open(address, Settings(written).username());
    QCOMPARE(app->said(), QStringList{u"one"_s});
}

void TestMainWindowState::saysWhatWaitsUnderAnotherName()
{
    {
        const auto app = start();
        app->open(u"127.0.0.1:1"_s, u"Jun"_s);
        app->type(u"kept"_s);
        app->pressEnter();
    }
    const auto app = start();
    app->open(u"127.0.0.1:1"_s, u"Rosa"_s);
    QCOMPARE(app->said(), QStringList());
    const QString notice = app->child<QLabel>("noticeText").text();
    QCOMPARE(notice, u"1 unsent message waits under Jun on 127.0.0.1:1; connect with that name to see it."_s);
    QVERIFY(app->child<QWidget>("notice").isVisible());
    QVERIFY(app->save(u"unsent-elsewhere"_s));
    app->type(u"and this"_s);
    app->pressEnter();

    // WHEN the person does so THEN it is there, and what was written meanwhile
    app->window().connectTo(u"127.0.0.1:1"_s, u"Jun"_s, {});
    QStringList said = app->said();
    said.sort();
    QCOMPARE(said, (QStringList{u"and this"_s, u"kept"_s}));
    QCOMPARE(app->controller().unsent(), 2);
}

void TestMainWindowState::saysThatTheServerTakesNothing()
{
    ScriptedServer server;
    const auto app = start();
    enter(server, *app, {}, 0);
    const auto refuse = [&server] {
        server.answer(server.expect(u"message"_s), {{u"type"_s, u"error"_s},
                                                    {u"code"_s, u"unavailable"_s},
                                                    {u"message"_s, u"the disk is full"_s},
                                                    {u"retryable"_s, true},
                                                    {u"retry_ms"_s, 1}});
    };
    app->controller().send(u"kept"_s);
    refuse();
    refuse();
    QTRY_COMPARE(app->banner(),
                 u"The server takes no messages for now. What you write is kept, and sent if it "
                 "does within 9 minutes; after that you decide."_s);
    app->window().resize(1600, 700); // the line has room for all of it
    QTRY_COMPARE(app->child<QLabel>("bannerDetails").text(), u"The server said: the disk is full"_s);
    QCOMPARE(delivery(*app, 0), Delivery::Queued);
    QVERIFY(app->status().startsWith(u"Connected"_s));
    QVERIFY(app->save(u"held-up"_s));

    // It stays while the person writes on, and goes with what it was about.
    app->controller().send(u"kept, too"_s);
    refuse();
    const QJsonObject again = server.expect(u"message"_s);
    QVERIFY(app->banner().startsWith(u"The server takes no messages"_s));
    server.acknowledge(again, 1);
    QTRY_COMPARE(delivery(*app, 0), Delivery::Sent);
    QCOMPARE(app->banner(),
             u"The server takes messages again. Sending the message that you wrote meanwhile."_s);
    server.acknowledge(server.expect(u"message"_s), 2);
    QTRY_COMPARE(delivery(*app, 1), Delivery::Sent);
    QTRY_COMPARE(app->banner(), QString());
}

void TestMainWindowState::saysThatTheServersDoNotReachEachOther()
{
    ScriptedServer server;
    const auto app = start();
    enter(server, *app, {messageFrame(1, u"one"_s)}, 1);
    const auto say = [&server](const QString &state) {
        server.send({{u"type"_s, u"server_state"_s}, {u"cluster"_s, state}});
    };
    app->type(u"half a thought"_s);
    QVERIFY(!server.expect(u"typing"_s).isEmpty());
    say(u"degraded"_s);
    const QString line =
        u"Messages wait until the servers reach each other again. What you write is kept, and sent if "
        "they do within 9 minutes; after that you decide."_s;
    QTRY_COMPARE(app->banner(), line);
    app->pressEnter();
    QVERIFY(!server.expect(u"typing"_s).isEmpty());
    QVERIFY(app->child<QPlainTextEdit>("messageInput").hasFocus());
    for (int i = 0; i < 3; ++i)
        server.answer(server.expect(u"message"_s), {{u"type"_s, u"error"_s},
                                                    {u"code"_s, u"unavailable"_s},
                                                    {u"message"_s, u"Redis is away"_s},
                                                    {u"retryable"_s, true},
                                                    {u"retry_ms"_s, 1}});
    const QJsonObject message = server.expect(u"message"_s);
    QCOMPARE(app->banner(), line);
    QVERIFY(app->status().startsWith(u"Connected"_s));
    QVERIFY(!app->child<QWidget>("notice").isVisible());
    QVERIFY(app->save(u"degraded"_s));
    say(u"ok"_s);
    QTRY_COMPARE(app->banner(), QString());
    server.acknowledge(message, 2);
    QTRY_COMPARE(delivery(*app, 1), Delivery::Sent);
    QCOMPARE(app->banner(), QString());

    // It is the connection's, and goes with it.
    say(u"degraded"_s);
    QTRY_COMPARE(app->banner(), line);
    server.drop();
    QVERIFY(server.authenticate(true));
    QTRY_VERIFY(app->controller().connection().isReady());
    QVERIFY(!app->banner().startsWith(u"Messages wait"_s));
}

void TestMainWindowState::movesToAnotherServerQuietly_data()
{
    QTest::addColumn<quint16>("code"); // 0: it dies
    QTest::addColumn<bool>("told");
    QTest::newRow("shutdown") << quint16(4200) << true;
    QTest::newRow("rebalance") << quint16(4203) << true;
    QTest::newRow("shutdown, not told before") << quint16(4200) << false;
    QTest::newRow("dies") << quint16(0) << false;
}

void TestMainWindowState::movesToAnotherServerQuietly()
{
    QFETCH(quint16, code);
    QFETCH(bool, told);
    ScriptedServer server;
    ClientOptions options = WindowUnderTest::hastyOptions();
    options.quietLoss = ClientOptions().quietLoss;
    options.clock.steady = [] { return std::chrono::milliseconds(1000); }; // no time passes
    WindowUnderTest app(Scheme::Light, options, m_profile->path());
    enter(server, app, {messageFrame(1, u"one"_s)}, 1);
    server.send({{u"type"_s, u"room_users"_s},
                 {u"room"_s, u"general"_s},
                 {u"members"_s, QJsonArray{QJsonObject{
                                    {u"id"_s, u"me"_s}, {u"user"_s, u"me"_s}, {u"username"_s, u"Me"_s}}}},
                 {u"count"_s, 1},
                 {u"truncated"_s, false}});
    QTRY_COMPARE(app.controller().members(u"general"_s)->rowCount(), 1);
    app.type(u"half a thought"_s);
    QVERIFY(!server.expect(u"typing"_s).isEmpty());
    auto &input = app.child<QPlainTextEdit>("messageInput");
    QTRY_VERIFY(app.status().endsWith(u"ms"_s));
    const QString status = app.status();
    ConnectionModel &connection = app.controller().connection();
    QSignalSpy banner(&connection, &ConnectionModel::bannerChanged);
    QSignalSpy statusChanged(&connection, &ConnectionModel::statusChanged);
    QSignalSpy members(app.controller().members(u"general"_s), &QAbstractItemModel::modelReset);
    QSignalSpy rows(app.controller().messages(u"general"_s), &QAbstractItemModel::modelReset);

    if (told)
        server.send({{u"type"_s, u"reconnect"_s}, {u"reason"_s, u"shutdown"_s}, {u"delay_ms"_s, 10}});
    if (code == 0)
        server.drop();
    else
        server.close(code);
    QTRY_VERIFY(!connection.isReady());
    QCOMPARE(app.status(), status);
    QCOMPARE(app.banner(), QString());
    app.type(u", and the rest"_s);
    server.setTerm(u"hostname"_s, u"ws2"_s);
    QVERIFY(server.authenticate(true));
    QVERIFY(server.join(u"general"_s, 1));
    QTRY_VERIFY(app.status().contains(u"served by ws2"_s));
    server.send(messageFrame(2, u"two"_s));
    QTRY_COMPARE(app.said(), (QStringList{u"one"_s, u"two"_s}));

    QCOMPARE(banner.size(), 0);
    QCOMPARE(statusChanged.size(), 1); // the host's name
    QCOMPARE(members.size(), 0);
    QCOMPARE(rows.size(), 0);
    QVERIFY(input.hasFocus());
    QCOMPARE(input.toPlainText(), u"half a thought, and the rest"_s);
}

void TestMainWindowState::saysThatTheConnectionStaysAway()
{
    ScriptedServer server;
    std::chrono::milliseconds now{1000};
    ClientOptions options = ChatController::desktopOptions();
    options.backoff.first = std::chrono::hours(1);
    options.backoff.cap = std::chrono::hours(1);
    options.clock.steady = [&now] { return now; };
    WindowUnderTest app(Scheme::Light, options, m_profile->path());
    enter(server, app, {}, 0);
    server.drop();
    QTRY_VERIFY(!app.controller().connection().isReady());
    QCOMPARE(app.banner(), QString());
    now += options.quietLoss;
    QTRY_VERIFY2(app.banner().startsWith(u"Connection lost at "_s), qUtf8Printable(app.banner()));
    QVERIFY(app.status().startsWith(u"Reconnecting 1/3"_s));
    app.controller().retryNow();
    QVERIFY(server.authenticate(true));
    QTRY_COMPARE(app.banner(), u"Back online."_s);
}

void TestMainWindowState::saysThatNothingIsKept()
{
    QFile file(m_profile->filePath(u"no-folder"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    WindowUnderTest app(Scheme::Light, WindowUnderTest::hastyOptions(), file.fileName() + u"/profile"_s);
    app.open(u"127.0.0.1:1"_s);
    QTRY_VERIFY2(app.banner().contains(u"lost if Parlor ends"_s), qUtf8Printable(app.banner()));
    QVERIFY2(!app.banner().contains(u"kept"_s), qUtf8Printable(app.banner()));
}

/// The first failure was of something else, and was said then.
void TestMainWindowState::saysThatNothingIsKeptAnyMore()
{
    auto database = Database::open(m_profile->filePath(u"other.db"_s));
    QVERIFY(database);
    Database &file = **database;
    SqliteStore store(*std::move(database));
    QSettings ini(m_profile->filePath(u"parlor.ini"_s), QSettings::IniFormat);
    Settings settings(ini);
    FakeKeychain keychain;
    ChatController controller(settings, store, keychain, WindowUnderTest::hastyOptions());
    const auto text = [&controller] {
        const auto &banner = controller.connection().banner();
        return banner ? banner->text : QString();
    };
    ScriptedServer server;
    controller.connectTo(server.url(), u"Jun"_s);
    QVERIFY(server.authenticate());
    QVERIFY(server.join(u"general"_s));
    QVERIFY(!server.expect(u"rooms"_s).isEmpty());
    controller.send(u"waits"_s);
    for (const int wait : {1, 60'000})
        server.answer(server.expect(u"message"_s), {{u"type"_s, u"error"_s},
                                                    {u"code"_s, u"unavailable"_s},
                                                    {u"message"_s, u"the disk is full"_s},
                                                    {u"retryable"_s, true},
                                                    {u"retry_ms"_s, wait}});
    QTRY_VERIFY2(text().contains(u"What you write is kept"_s), qUtf8Printable(text()));
    QVERIFY(file.run(u"PRAGMA query_only = 1"_s));
    QVERIFY(!store.keepSession({u"token"_s, {}}));
    controller.send(u"at risk"_s);
    QVERIFY2(text().contains(u"lost if Parlor ends"_s), qUtf8Printable(text()));
}

PARLOR_TEST_WITHIN(QApplication, TestMainWindowState)
#include "tst_mainwindow_state.moc"
