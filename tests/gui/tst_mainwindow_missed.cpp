// SPDX-License-Identifier: MIT
// What was said while the window was away: what is missing of it, what is new, what is ours.
#include "client-gui/views/messageview.h"
#include "tests/gui/windowundertest.h"
#include "tests/support/testclass.h"
#include "tests/unit/shared/client/scriptedserver.h"

#include <QApplication>
#include <QJsonArray>
#include <QScrollBar>
#include <QTest>

using namespace parlor;
using namespace parlor::gui;
using namespace parlor::gui::test;
using namespace Qt::StringLiterals;

class TestMainWindowMissed : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void pagingUpFillsTheGap();
    void theGapStaysWhereThereIsNoMore();
    void whatWasMissedIsNew();
    void whatIsNewStaysNew();
    void theServerIsBackWithAForkedHistory_data() { waysToTell(); }
    void theServerIsBackWithAForkedHistory();
    void theServerIsBackWithAnOlderHistory_data() { waysToTell(); }
    void theServerIsBackWithAnOlderHistory();
    void whatTheServerLostAndGotAgainIsThereOnce();
    void ownMessagesStayOurs();
    void anUndecidedOneIsFound();

private:
    [[nodiscard]] std::unique_ptr<WindowUnderTest> start() const
    {
        return std::make_unique<WindowUnderTest>(Scheme::Light, WindowUnderTest::hastyOptions(),
                                                 m_profile->path());
    }
    /// Into `general`, where one and two were said.
    static void enter(ScriptedServer &server, WindowUnderTest &app);
    /// And on to another room, so that nobody sees what comes in `general`.
    static void enterAndGo(ScriptedServer &server, WindowUnderTest &app);
    /// Away, and back when so much was said that only the messages from `first` to `last` are brought.
    static void missTooMany(ScriptedServer &server, WindowUnderTest &app, int first, int last);
    static void answerHistory(ScriptedServer &server, const QJsonObject &asked, int first, bool more);
    [[nodiscard]] static QJsonArray messages(int first, int last);
    [[nodiscard]] static QVariant role(WindowUnderTest &app, int row, MessageModel::Role role)
    {
        return app.controller().messages(u"general"_s)->index(row).data(role);
    }
    static void waysToTell()
    {
        QTest::addColumn<bool>("unasked");
        QTest::newRow("as we come back") << false;
        QTest::newRow("while we are there") << true;
    }
    /// The server comes back, and knows none of the position in `general`.
    static void comeBack(ScriptedServer &server, WindowUnderTest &app, const QJsonObject &sync);
    /// Another history's messages.
    [[nodiscard]] static QJsonArray forked(int first, int last);
    [[nodiscard]] static QJsonObject position(int seq, const QString &id)
    {
        return {{u"epoch"_s, u"e1"_s}, {u"seq"_s, seq}, {u"id"_s, id}};
    }
    /// Rows below the lines that say that messages are missing.
    [[nodiscard]] static QList<int> gaps(WindowUnderTest &app);

    std::unique_ptr<QTemporaryDir> m_profile;
};

void TestMainWindowMissed::initTestCase()
{
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
}

void TestMainWindowMissed::init()
{
    m_profile = std::make_unique<QTemporaryDir>();
}

QJsonArray TestMainWindowMissed::messages(int first, int last)
{
    QJsonArray all;
    for (int seq = first; seq <= last; ++seq)
        all.append(messageFrame(static_cast<quint64>(seq), QString::number(seq)));
    return all;
}

QList<int> TestMainWindowMissed::gaps(WindowUnderTest &app)
{
    QList<int> rows;
    for (int row = 0; row < app.controller().messages(u"general"_s)->rowCount(); ++row) {
        if (!role(app, row, MessageModel::GapRole).toString().isEmpty())
            rows.append(row);
    }
    return rows;
}

void TestMainWindowMissed::enter(ScriptedServer &server, WindowUnderTest &app)
{
    app.open(server.url().toString());
    QVERIFY(server.authenticate());
    server.answer(server.expect(u"join"_s), {{u"type"_s, u"ack"_s}, {u"room"_s, u"general"_s}});
    server.send(syncFrame(2, messages(1, 2), false));
    QVERIFY(!server.expect(u"rooms"_s).isEmpty());
    QTRY_COMPARE(app.said().size(), 2);
}

void TestMainWindowMissed::enterAndGo(ScriptedServer &server, WindowUnderTest &app)
{
    enter(server, app);
    app.controller().openRoom(u"other"_s);
    server.answer(server.expect(u"join"_s), {{u"type"_s, u"ack"_s}, {u"room"_s, u"other"_s}});
    QTRY_COMPARE(app.controller().currentRoom(), u"other"_s);
}

void TestMainWindowMissed::missTooMany(ScriptedServer &server, WindowUnderTest &app, int first, int last)
{
    server.drop();
    QTRY_VERIFY(!app.controller().connection().isReady());
    app.controller().retryNow();
    QVERIFY(server.authenticate(true));
    const QJsonObject join = server.expect(u"join"_s);
    QCOMPARE(join[u"room"_s].toString(), u"general"_s);
    server.answer(join, {{u"type"_s, u"ack"_s}, {u"room"_s, u"general"_s}});
    server.send(syncFrame(static_cast<quint64>(last), messages(first, last), false, u"too_many"_s));
    QTRY_COMPARE(app.controller().messages(u"general"_s)->rowCount(), 2 + last - first + 1);
}

void TestMainWindowMissed::answerHistory(ScriptedServer &server, const QJsonObject &asked, int first,
                                         bool more)
{
    server.answer(asked, {{u"type"_s, u"history"_s},
                          {u"room"_s, u"general"_s},
                          {u"epoch"_s, u"e1"_s},
                          {u"events"_s, messages(first, asked[u"before"_s].toInt() - 1)},
                          {u"more"_s, more}});
}

void TestMainWindowMissed::pagingUpFillsTheGap()
{
    ScriptedServer server;
    const auto app = start();
    enter(server, *app);
    missTooMany(server, *app, 201, 300);
    QVERIFY(!server.expect(u"rooms"_s).isEmpty());
    QCOMPARE(gaps(*app), QList<int>{2});
    auto &view = app->child<MessageView>("messageView");
    const QJsonObject first = server.expect(u"history"_s); // it is in view at once
    QCOMPARE(first[u"before"_s].toInt(), 201);

    // WHEN the person has scrolled, and reads
    view.verticalScrollBar()->setValue(0);
    QVERIFY(app->save(u"gap"_s));
    const QModelIndex read = app->controller().messages(u"general"_s)->index(4);
    const QPersistentModelIndex below(read);
    const int place = view.visualRect(below).top();
    answerHistory(server, first, 101, true);

    // THEN a page comes above what is read, which stays where it is
    QTRY_COMPARE(app->said().size(), 202);
    QCOMPARE(gaps(*app), QList<int>{2});
    QCOMPARE(role(*app, 2, MessageModel::TextRole).toString(), u"101"_s);
    QTRY_COMPARE(view.visualRect(below).top(), place);
    QVERIFY2(!server.hasFrame(), "the rest is out of view");
    QVERIFY(app->child<QWidget>("newMessagesButton").isVisible());

    // and further up the rest
    view.verticalScrollBar()->setValue(0);
    const QJsonObject second = server.expect(u"history"_s);
    QCOMPARE(second[u"before"_s].toInt(), 101);
    answerHistory(server, second, 1, false);
    QTRY_COMPARE(app->said().size(), 300);
    QCOMPARE(gaps(*app), QList<int>());
    const QStringList all = app->said();
    for (int row = 0; row < 300; ++row)
        QCOMPARE(all[row], QString::number(row + 1));
}

void TestMainWindowMissed::theGapStaysWhereThereIsNoMore()
{
    ScriptedServer server;
    {
        const auto app = start();
        enter(server, *app);
        missTooMany(server, *app, 201, 203);
        QVERIFY(!server.expect(u"rooms"_s).isEmpty());
        const QJsonObject asked = server.expect(u"history"_s); // it is in view at once
        QCOMPARE(asked[u"before"_s].toInt(), 201);
        QVERIFY(app->save(u"gap-short"_s));
        answerHistory(server, asked, 200, false);
        QTRY_COMPARE(app->said(), (QStringList{u"1"_s, u"2"_s, u"200"_s, u"201"_s, u"202"_s, u"203"_s}));
        QCOMPARE(gaps(*app), QList<int>{2});
        QCOMPARE(role(*app, 2, MessageModel::GapOpenRole).toBool(), false);
        QVERIFY(!server.hasFrame());
    }
    // What the store has says so, too: it never kept what was paged in.
    const QString address = server.url().toString();
    server.stopListening();
    const auto app = start();
    app->open(address);
    QCOMPARE(app->said(), (QStringList{u"1"_s, u"2"_s, u"201"_s, u"202"_s, u"203"_s}));
    QCOMPARE(gaps(*app), QList<int>{2});
}

void TestMainWindowMissed::whatWasMissedIsNew()
{
    ScriptedServer server;
    const QString address = server.url().toString();
    auto app = start();
    enterAndGo(server, *app);
    QCOMPARE(app->controller().rooms().unread(u"general"_s), 0); // what was said before we came
    missTooMany(server, *app, 299, 300);
    QCOMPARE(app->controller().rooms().unread(u"general"_s), 298); // those that were not brought are new, too
    QCOMPARE(role(*app, 2, MessageModel::MarkerRole).toBool(), true);
    server.send(messageFrame(301, u"and one more"_s));
    QTRY_COMPARE(app->controller().rooms().unread(u"general"_s), 299);

    app.reset();
    server.stopListening();
    app = start();
    app->open(address);
    QCOMPARE(app->controller().rooms().unread(u"general"_s), 299);
}

void TestMainWindowMissed::whatIsNewStaysNew()
{
    ScriptedServer server;
    const QString address = server.url().toString();
    {
        const auto app = start();
        enterAndGo(server, *app);
        server.send(messageFrame(3, u"look, @Jun"_s));
        server.send(messageFrame(4, u"four"_s));
        QTRY_COMPARE(app->controller().rooms().unread(u"general"_s), 2);
    }
    server.stopListening();
    {
        const auto app = start();
        app->open(address);
        QCOMPARE(app->controller().currentRoom(), u"other"_s);
        RoomListModel &rooms = app->controller().rooms();
        QCOMPARE(rooms.unread(u"general"_s), 2);
        QCOMPARE(rooms.index(0).data(RoomListModel::MentionRole).toInt(), 1);
        for (int row = 0; row < 4; ++row)
            QCOMPARE(role(*app, row, MessageModel::MarkerRole).toBool(), row == 2);
        QVERIFY(app->save(u"still-new"_s));
        app->controller().openRoom(u"general"_s); // and it is read
        QCOMPARE(rooms.unread(u"general"_s), 0);
        QCOMPARE(role(*app, 2, MessageModel::MarkerRole).toBool(), true);
    }
    const auto app = start();
    app->open(address);
    QCOMPARE(app->controller().rooms().unread(u"general"_s), 0);
    QCOMPARE(role(*app, 2, MessageModel::MarkerRole).toBool(), false);
}

QJsonArray TestMainWindowMissed::forked(int first, int last)
{
    QJsonArray all;
    for (int seq = first; seq <= last; ++seq) {
        QJsonObject message = messageFrame(static_cast<quint64>(seq), u"%1b"_s.arg(seq));
        message[u"id"_s] = u"fork%1"_s.arg(seq);
        all.append(message);
    }
    return all;
}

void TestMainWindowMissed::comeBack(ScriptedServer &server, WindowUnderTest &app, const QJsonObject &sync)
{
    server.drop();
    QTRY_VERIFY(!app.controller().connection().isReady());
    app.controller().retryNow();
    QVERIFY(server.authenticate(true));
    const QJsonObject join = server.expect(u"join"_s);
    QCOMPARE(join[u"since"_s].toObject(), position(4, u"id4"_s));
    server.answer(join, {{u"type"_s, u"ack"_s}, {u"room"_s, u"general"_s}});
    server.send(sync);
    if (app.controller().currentRoom() != u"general"_s)
        QVERIFY(!server.expect(u"join"_s).isEmpty());
    QVERIFY(!server.expect(u"rooms"_s).isEmpty());
    QTRY_VERIFY(app.controller().messages(u"general"_s)->startsInLostHistory());
}

/// The numbers 3 and 4 are those of other messages now. What was read stays read, what came instead is new,
/// and both stay where they are.
void TestMainWindowMissed::theServerIsBackWithAForkedHistory()
{
    QFETCH(bool, unasked);
    ScriptedServer server;
    const QStringList all{u"1"_s, u"2"_s, u"3"_s, u"4"_s, u"3b"_s, u"4b"_s, u"5b"_s};
    const auto texts = [](WindowUnderTest &app) {
        QStringList said;
        for (int row = 0; row < app.controller().messages(u"general"_s)->rowCount(); ++row)
            said.append(role(app, row, MessageModel::TextRole).toString());
        return said;
    };
    {
        const auto app = start();
        enter(server, *app);
        server.send(messageFrame(3, u"3"_s));
        server.send(messageFrame(4, u"4"_s));
        QTRY_COMPARE(app->said().size(), 4);
        app->controller().openRoom(u"other"_s);
        server.answer(server.expect(u"join"_s), {{u"type"_s, u"ack"_s}, {u"room"_s, u"other"_s}});
        QTRY_COMPARE(app->controller().currentRoom(), u"other"_s);
        QJsonArray newest = messages(1, 2);
        for (const auto &each : forked(3, 5))
            newest.append(each);
        const QJsonObject sync = syncFrame(5, newest, false, u"diverged"_s);
        if (unasked)
            server.send(sync);
        else
            comeBack(server, *app, sync);
        QTRY_COMPARE(texts(*app), all);
        QCOMPARE(gaps(*app), QList<int>{4});
        QCOMPARE(app->controller().rooms().unread(u"general"_s), 3);
        QCOMPARE(role(*app, 4, MessageModel::MarkerRole).toBool(), true);
    }

    // WHEN the window opens anew THEN all is as it was
    auto app = start();
    app->open(server.url().toString());
    QCOMPARE(texts(*app), all);
    QCOMPARE(gaps(*app), QList<int>{4});
    QCOMPARE(app->controller().rooms().unread(u"general"_s), 3);
    for (int row = 0; row < 7; ++row)
        QCOMPARE(role(*app, row, MessageModel::MarkerRole).toBool(), row == 4);

    // and it goes on from there
    QVERIFY(server.authenticate(true));
    const QJsonObject join = server.expect(u"join"_s);
    QCOMPARE(join[u"since"_s].toObject(), position(5, u"fork5"_s));
    server.answer(join, {{u"type"_s, u"ack"_s}, {u"room"_s, u"general"_s}});
    server.send(syncFrame(6, forked(6, 6), true));
    QTRY_COMPARE(app->controller().rooms().unread(u"general"_s), 4);
    QCOMPARE(texts(*app), all + QStringList{u"6b"_s});
    QCOMPARE(gaps(*app), QList<int>{4});
    QVERIFY(!server.expect(u"join"_s).isEmpty());
    QVERIFY(!server.expect(u"rooms"_s).isEmpty());
    app->controller().openRoom(u"general"_s);
    QCOMPARE(app->controller().rooms().unread(u"general"_s), 0);
    QVERIFY(app->save(u"forked"_s));

    // What is below the line can be asked for, what is above it not: there the numbers mean others.
    const QJsonObject asked = server.expect(u"history"_s);
    QCOMPARE(asked[u"before"_s].toInt(), 3);
    answerHistory(server, asked, 1, true);
    QTRY_COMPARE(role(*app, 4, MessageModel::GapOpenRole).toBool(), false);
    QCOMPARE(texts(*app), all + QStringList{u"6b"_s});
    QCOMPARE(gaps(*app), QList<int>{4});
    app->controller().loadOlder();
    QCoreApplication::processEvents();
    QVERIFY(!server.hasFrame());
    app.reset();
    app = start();
    app->open(server.url().toString());
    QCOMPARE(app->controller().rooms().unread(u"general"_s), 0);
    QCOMPARE(gaps(*app), QList<int>{4});
}

/// And nothing new yet, when the window is closed.
void TestMainWindowMissed::theServerIsBackWithAnOlderHistory()
{
    QFETCH(bool, unasked);
    ScriptedServer server;
    {
        const auto app = start();
        enter(server, *app);
        server.send(messageFrame(3, u"3"_s));
        server.send(messageFrame(4, u"4"_s));
        QTRY_COMPARE(app->said().size(), 4);
        app->controller().openRoom(u"other"_s);
        server.answer(server.expect(u"join"_s), {{u"type"_s, u"ack"_s}, {u"room"_s, u"other"_s}});
        QTRY_COMPARE(app->controller().currentRoom(), u"other"_s);
        const QJsonObject sync = syncFrame(2, messages(1, 2), false, u"ahead"_s);
        if (unasked) {
            server.send(sync);
            QTRY_VERIFY(app->controller().messages(u"general"_s)->startsInLostHistory());
        } else {
            comeBack(server, *app, sync);
        }
        QCOMPARE(app->controller().messages(u"general"_s)->rowCount(), 4);
        QCOMPARE(app->controller().rooms().unread(u"general"_s), 0);
    }
    const auto app = start();
    app->open(server.url().toString());
    QCOMPARE(app->controller().messages(u"general"_s)->rowCount(), 4);
    QCOMPARE(app->controller().rooms().unread(u"general"_s), 0);
    QVERIFY(server.authenticate(true));
    const QJsonObject join = server.expect(u"join"_s);
    QCOMPARE(join[u"since"_s].toObject(), position(2, u"id2"_s));
    server.answer(join, {{u"type"_s, u"ack"_s}, {u"room"_s, u"general"_s}});
    server.send(syncFrame(3, forked(3, 3), true));
    QTRY_COMPARE(app->controller().rooms().unread(u"general"_s), 1);
    QCOMPARE(role(*app, 4, MessageModel::TextRole).toString(), u"3b"_s);
    QCOMPARE(role(*app, 4, MessageModel::MarkerRole).toBool(), true);
    QCOMPARE(gaps(*app), QList<int>{4});
}

/// Its author did not hear that the server had it, and sent it again.
void TestMainWindowMissed::whatTheServerLostAndGotAgainIsThereOnce()
{
    ScriptedServer server;
    QJsonObject again = forked(3, 3).first().toObject();
    {
        const auto app = start();
        enter(server, *app);
        server.send(messageFrame(3, u"3"_s, u"c1"_s));
        server.send(messageFrame(4, u"4"_s));
        QTRY_COMPARE(app->said().size(), 4);
        comeBack(server, *app, syncFrame(2, messages(1, 2), false, u"ahead"_s));
        again[u"cid"_s] = u"c1"_s;
        server.send(again);
        server.send(forked(4, 4).first().toObject());
        QTRY_COMPARE(app->said().size(), 5);
        // The gap is in view, and what is in it is shown above.
        const QJsonObject asked = server.expect(u"history"_s);
        server.answer(asked, {{u"type"_s, u"history"_s},
                              {u"room"_s, u"general"_s},
                              {u"epoch"_s, u"e1"_s},
                              {u"events"_s, QJsonArray{messageFrame(2, u"2"_s), again}},
                              {u"more"_s, true}});
        QTRY_COMPARE(role(*app, 4, MessageModel::GapOpenRole).toBool(), false);
        QCOMPARE(app->said(), (QStringList{u"1"_s, u"2"_s, u"3"_s, u"4"_s, u"4b"_s}));
        QCOMPARE(gaps(*app), QList<int>{4});
    }
    const auto app = start();
    app->open(server.url().toString());
    QVERIFY(server.authenticate(true));
    const QJsonObject join = server.expect(u"join"_s);
    QCOMPARE(join[u"since"_s].toObject(), position(4, u"fork4"_s));
    server.answer(join, {{u"type"_s, u"ack"_s}, {u"room"_s, u"general"_s}});
    QJsonObject sync = syncFrame(4, QJsonArray{again, forked(4, 4).first()}, false, u"epoch"_s);
    sync[u"epoch"_s] = u"e2"_s;
    server.send(sync);
    server.send(forked(5, 5).first().toObject());
    QTRY_COMPARE(app->said().size(), 6);
    QCOMPARE(app->said(), (QStringList{u"1"_s, u"2"_s, u"3"_s, u"4"_s, u"4b"_s, u"5b"_s}));
    QCOMPARE(gaps(*app), QList<int>{4});
}

/// Whoever we are by then.
void TestMainWindowMissed::ownMessagesStayOurs()
{
    ScriptedServer server;
    {
        const auto app = start();
        enter(server, *app);
        QJsonObject mine = messageFrame(3, u"mine"_s);
        mine[u"user"_s] = u"me"_s;
        server.send(mine);
        QTRY_COMPARE(app->said().size(), 3);
    }
    {
        const auto app = start();
        app->open(server.url().toString());
        QVERIFY(server.authenticate(false, u"somebody-else"_s));
        QTRY_VERIFY(app->controller().connection().isReady());
    }
    const QString address = server.url().toString();
    server.stopListening();
    const auto app = start();
    app->open(address);
    QCOMPARE(app->said().size(), 3);
    using Delivery = MessageModel::Delivery;
    QCOMPARE(role(*app, 1, MessageModel::DeliveryRole).value<Delivery>(), Delivery::Received);
    QCOMPARE(role(*app, 2, MessageModel::DeliveryRole).value<Delivery>(), Delivery::Sent);
}

/// Neither its acknowledgement nor the message itself came by themselves: paging brings it.
void TestMainWindowMissed::anUndecidedOneIsFound()
{
    ScriptedServer server;
    const auto app = start();
    enter(server, *app);
    app->controller().send(u"mine"_s);
    const QString cid = server.expect(u"message"_s)[u"cid"_s].toString();
    QVERIFY(!cid.isEmpty());
    server.drop();
    QTRY_VERIFY(!app->controller().connection().isReady());
    app->controller().retryNow();
    QVERIFY(server.authenticate(false, u"someone-new"_s));
    server.answer(server.expect(u"join"_s), {{u"type"_s, u"ack"_s}, {u"room"_s, u"general"_s}});
    server.send(syncFrame(5, messages(4, 5), false, u"too_many"_s));
    using Delivery = MessageModel::Delivery;
    QTRY_COMPARE(app->said().size(), 5);
    QTRY_COMPARE(role(*app, 4, MessageModel::DeliveryRole).value<Delivery>(), Delivery::NeedsDecision);

    QVERIFY(!server.expect(u"rooms"_s).isEmpty());
    const QJsonObject asked = server.expect(u"history"_s); // it is in view at once
    QCOMPARE(asked[u"before"_s].toInt(), 4);
    server.answer(asked, {{u"type"_s, u"history"_s},
                          {u"room"_s, u"general"_s},
                          {u"epoch"_s, u"e1"_s},
                          {u"events"_s, QJsonArray{messageFrame(3, u"mine"_s, cid)}},
                          {u"more"_s, true}});
    QTRY_COMPARE(app->said(), (QStringList{u"1"_s, u"2"_s, u"mine"_s, u"4"_s, u"5"_s}));
    QCOMPARE(app->controller().unsent(), 0);
    QCOMPARE(role(*app, 2, MessageModel::CidRole).toString(), QString());
}

PARLOR_TEST_WITHIN(QApplication, TestMainWindowMissed)
#include "tst_mainwindow_missed.moc"
