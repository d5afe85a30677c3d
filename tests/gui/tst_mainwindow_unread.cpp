// SPDX-License-Identifier: MIT
// What is new is found, and is new until somebody has seen it.
#include "client-gui/views/messageview.h"
#include "tests/gui/windowundertest.h"
#include "tests/support/testclass.h"
#include "tests/unit/shared/client/scriptedserver.h"

#include <QApplication>
#include <QJsonArray>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

using namespace parlor;
using namespace parlor::gui;
using namespace parlor::gui::test;
using namespace Qt::StringLiterals;

class TestMainWindowUnread : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void aRoomOpensAtTheFirstNewMessage();
    void whoJumpsToTheEndHasNotReadIt();
    void partOfItIsRead();
    void whatCameWhileTheWindowWasInactive();
    void whatCameWhileAwayIsReadFromItsBeginning();
    void whatIsMissingIsBroughtFirst();
    void olderPagesAreBroughtFirst();
    void aFewAreReadAtOnce();
    void ofManyAtOnceTheLastAreSeen();
    void whatIsTrimmedIsNotRead();
    void writingReadsNothing();

private:
    [[nodiscard]] std::unique_ptr<WindowUnderTest> start() const
    {
        return std::make_unique<WindowUnderTest>(Scheme::Light, WindowUnderTest::hastyOptions(),
                                                 m_profile->path());
    }
    /// Into `general`, where one and two were said, and on to another room.
    void enterAndGo(ScriptedServer &server, WindowUnderTest &app);
    /// 500 messages, the third of which mentions us.
    static void sayMany(ScriptedServer &server);
    [[nodiscard]] static QJsonArray messages(int first, int last);
    /// A page from `first` on, to whoever asked.
    static void answerHistory(ScriptedServer &server, const QJsonObject &asked, int first);
    [[nodiscard]] static int unread(WindowUnderTest &app)
    {
        return app.controller().rooms().unread(u"general"_s);
    }
    [[nodiscard]] static int mentions(WindowUnderTest &app)
    {
        RoomListModel &rooms = app.controller().rooms();
        return rooms.index(rooms.rowOf(u"general"_s)).data(RoomListModel::MentionRole).toInt();
    }
    [[nodiscard]] static MessageView &view(WindowUnderTest &app)
    {
        return app.child<MessageView>("messageView");
    }
    /// The text of the message that is the first in view.
    [[nodiscard]] static QString topText(WindowUnderTest &app)
    {
        return view(app).indexAt(QPoint(1, 0)).data(MessageModel::TextRole).toString();
    }
    [[nodiscard]] static bool isAtLine(WindowUnderTest &app)
    {
        const QModelIndex top = view(app).indexAt(QPoint(1, 0));
        return top.data(MessageModel::MarkerRole).toBool() && view(app).visualRect(top).top() == 0;
    }
    static void readOn(WindowUnderTest &app)
    {
        QScrollBar *bar = view(app).verticalScrollBar();
        while (bar->value() < bar->maximum()) {
            QTest::keyClick(&app.child<QPlainTextEdit>("messageInput"), Qt::Key_PageDown);
            QCoreApplication::processEvents();
        }
    }
    [[nodiscard]] static QString pill(WindowUnderTest &app, const char *name)
    {
        auto &button = app.child<QPushButton>(name);
        return button.isVisible() ? button.text() : QString();
    }

    std::unique_ptr<QTemporaryDir> m_profile;
};

void TestMainWindowUnread::initTestCase()
{
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
}

void TestMainWindowUnread::init()
{
    m_profile = std::make_unique<QTemporaryDir>();
}

QJsonArray TestMainWindowUnread::messages(int first, int last)
{
    QJsonArray all;
    for (int seq = first; seq <= last; ++seq)
        all.append(
            messageFrame(static_cast<quint64>(seq), seq == 5 ? u"look, @Jun"_s : QString::number(seq)));
    return all;
}

void TestMainWindowUnread::answerHistory(ScriptedServer &server, const QJsonObject &asked, int first)
{
    server.answer(asked, {{u"type"_s, u"history"_s},
                          {u"room"_s, u"general"_s},
                          {u"epoch"_s, u"e1"_s},
                          {u"events"_s, messages(first, asked[u"before"_s].toInt() - 1)},
                          {u"more"_s, first > 1}});
}

void TestMainWindowUnread::enterAndGo(ScriptedServer &server, WindowUnderTest &app)
{
    app.open(server.url().toString());
    QVERIFY(server.authenticate());
    server.answer(server.expect(u"join"_s), {{u"type"_s, u"ack"_s}, {u"room"_s, u"general"_s}});
    server.send(syncFrame(2, messages(1, 2), false));
    QVERIFY(!server.expect(u"rooms"_s).isEmpty());
    QTRY_COMPARE(app.said().size(), 2);
    app.controller().openRoom(u"other"_s);
    QVERIFY(server.join(u"other"_s));
    QTRY_COMPARE(app.controller().currentRoom(), u"other"_s);
}

void TestMainWindowUnread::sayMany(ScriptedServer &server)
{
    for (const auto &each : messages(3, 502))
        server.send(each.toObject());
}

void TestMainWindowUnread::aRoomOpensAtTheFirstNewMessage()
{
    ScriptedServer server;
    const auto app = start();
    enterAndGo(server, *app);
    sayMany(server);
    QTRY_COMPARE(unread(*app), 500);
    QCOMPARE(mentions(*app), 1);

    app->controller().openRoom(u"general"_s);
    QVERIFY(isAtLine(*app));
    QCOMPARE(topText(*app), u"3"_s);
    QVERIFY(unread(*app) < 500); // what is seen
    QVERIFY(unread(*app) > 400);
    QCOMPARE(mentions(*app), 0);
    QCOMPARE(pill(*app, "newMessagesButton"), u"↓ %1 new"_s.arg(unread(*app)));
    QCOMPARE(pill(*app, "unreadAboveButton"), QString());
    QVERIFY(app->save(u"500-unread"_s));

    readOn(*app);
    QCOMPARE(unread(*app), 0);
    QCOMPARE(pill(*app, "newMessagesButton"), QString());
    QCOMPARE(app->window().windowTitle(), u"#general – Parlor"_s);
}

void TestMainWindowUnread::whoJumpsToTheEndHasNotReadIt()
{
    ScriptedServer server;
    const auto app = start();
    enterAndGo(server, *app);
    for (quint64 seq = 3; seq <= 502; ++seq) // the mention comes later
        server.send(messageFrame(seq, seq == 403 ? u"and @Jun"_s : QString::number(seq)));
    QTRY_COMPARE(unread(*app), 500);
    app->controller().openRoom(u"general"_s);
    const int left = unread(*app);
    QCOMPARE(pill(*app, "newMessagesButton"), u"↓ %1 new · @1"_s.arg(left));

    // WHEN the person goes to the end by a key, or by a click THEN what was not seen is still there to be
    // read
    QTest::keyClick(&app->window(), Qt::Key_End, Qt::ControlModifier);
    QVERIFY(view(*app).isAtBottom());
    QCOMPARE(unread(*app), left);
    QCOMPARE(pill(*app, "unreadAboveButton"), u"↑ %1 new · @1"_s.arg(left));
    QCOMPARE(pill(*app, "newMessagesButton"), QString());
    server.send(messageFrame(503, u"live"_s)); // is seen as it comes
    QTRY_COMPARE(app->said().last(), u"live"_s);
    QCoreApplication::processEvents();
    QCOMPARE(unread(*app), left);
    QVERIFY(app->save(u"unread-above"_s));

    QTest::mouseClick(&app->child<QPushButton>("unreadAboveButton"), Qt::LeftButton);
    QVERIFY(!view(*app).isAtBottom());
    QVERIFY(unread(*app) < left);
    readOn(*app);
    QCOMPARE(unread(*app), 0);
    QCOMPARE(mentions(*app), 0);
}

void TestMainWindowUnread::partOfItIsRead()
{
    ScriptedServer server;
    const QString address = server.url().toString();
    int left = 0;
    {
        const auto app = start();
        enterAndGo(server, *app);
        for (const auto &each : messages(3, 60))
            server.send(each.toObject());
        QTRY_COMPARE(unread(*app), 58);
        app->controller().openRoom(u"general"_s);
        left = unread(*app);
        QVERIFY(left > 0 && left < 58);
        app->controller().openRoom(u"other"_s);
        QCOMPARE(unread(*app), left);
        app->controller().openRoom(u"general"_s); // the line has moved on
        QVERIFY(isAtLine(*app));
        QCOMPARE(topText(*app), QString::number(60 - left + 1));
        left = unread(*app);
    }
    server.stopListening();
    const auto app = start();
    app->open(address);
    QCOMPARE(app->controller().currentRoom(), u"general"_s);
    QTRY_VERIFY(unread(*app) < left);
    QCOMPARE(topText(*app), QString::number(60 - left + 1));
}

void TestMainWindowUnread::whatCameWhileTheWindowWasInactive()
{
    ScriptedServer server;
    const auto app = start();
    enterAndGo(server, *app);
    app->controller().openRoom(u"general"_s);
    QWidget another;
    another.show();
    another.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&another));
    sayMany(server);
    QTRY_COMPARE(app->said().size(), 502);
    QTRY_COMPARE(unread(*app), 500);
    QCOMPARE(mentions(*app), 1);
    QTRY_COMPARE(pill(*app, "unreadAboveButton"), u"↑ 500 new · @1"_s);
    app->window().activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&app->window()));
    QCoreApplication::processEvents();
    QCOMPARE(unread(*app), 500);
    QTest::keyClick(&app->window(), Qt::Key_Home, Qt::AltModifier);
    QVERIFY(isAtLine(*app));
    QCOMPARE(topText(*app), u"3"_s);
    QCOMPARE(mentions(*app), 0);
    // and who does not want to read it says so
    QTest::keyClick(&app->window(), Qt::Key_Escape);
    QCOMPARE(unread(*app), 0);
    QVERIFY(view(*app).isAtBottom());
}

void TestMainWindowUnread::whatCameWhileAwayIsReadFromItsBeginning()
{
    ScriptedServer server;
    const auto app = start();
    enterAndGo(server, *app);
    app->controller().openRoom(u"general"_s);
    server.drop();
    QTRY_VERIFY(!app->controller().connection().isReady());
    app->controller().retryNow();
    QVERIFY(server.authenticate(true));
    server.answer(server.expect(u"join"_s), {{u"type"_s, u"ack"_s}, {u"room"_s, u"general"_s}});
    server.send(syncFrame(302, messages(3, 302), true));
    QTRY_COMPARE(app->said().size(), 302);
    QTRY_VERIFY(isAtLine(*app));
    QCOMPARE(topText(*app), u"3"_s);
    QTRY_VERIFY(unread(*app) < 300);
    QVERIFY(unread(*app) > 200);
    readOn(*app);
    QCOMPARE(unread(*app), 0);
}

void TestMainWindowUnread::whatIsMissingIsBroughtFirst()
{
    ScriptedServer server;
    const auto app = start();
    enterAndGo(server, *app);
    server.drop();
    QTRY_VERIFY(!app->controller().connection().isReady());
    app->controller().retryNow();
    QVERIFY(server.authenticate(true));
    server.answer(server.expect(u"join"_s), {{u"type"_s, u"ack"_s}, {u"room"_s, u"general"_s}});
    server.send(syncFrame(502, messages(453, 502), false, u"too_many"_s));
    QVERIFY(server.join(u"other"_s));
    QVERIFY(!server.expect(u"rooms"_s).isEmpty());
    QTRY_COMPARE(unread(*app), 500);

    // WHEN the room is opened THEN page after page comes, to the first of them
    app->controller().openRoom(u"general"_s);
    for (int before = 453; before > 3; before = std::max(3, before - 100)) {
        const QJsonObject asked = server.expect(u"history"_s);
        QCOMPARE(asked[u"before"_s].toInt(), before);
        QCOMPARE(unread(*app), 500); // none before the first
        answerHistory(server, asked, before > 103 ? before - 100 : 1);
    }
    QTRY_COMPARE(app->said().size(), 502);
    QTRY_COMPARE(topText(*app), u"3"_s);
    QVERIFY(isAtLine(*app));
    QTRY_VERIFY(unread(*app) < 500);
    QCOMPARE(mentions(*app), 0); // it was found, and seen
    readOn(*app);
    QCOMPARE(unread(*app), 0);
    QVERIFY(!server.hasFrame());
}

void TestMainWindowUnread::olderPagesAreBroughtFirst()
{
    ScriptedServer server;
    const QString address = server.url().toString();
    {
        const auto app = start();
        enterAndGo(server, *app);
        sayMany(server);
        QTRY_COMPARE(unread(*app), 500);
    }
    const auto app = start(); // the store has the newest hundred of them
    app->open(address);
    QVERIFY(server.authenticate(true));
    server.answer(server.expect(u"join"_s), {{u"type"_s, u"ack"_s}, {u"room"_s, u"general"_s}});
    server.send(syncFrame(502, {}, true));
    QVERIFY(server.join(u"other"_s));
    QVERIFY(!server.expect(u"rooms"_s).isEmpty());
    QCOMPARE(unread(*app), 500);
    app->controller().openRoom(u"general"_s);
    for (int before = 403; before > 3; before -= 100) {
        const QJsonObject asked = server.expect(u"history"_s);
        QCOMPARE(asked[u"before"_s].toInt(), before);
        QCOMPARE(unread(*app), 500);
        answerHistory(server, asked, before > 103 ? before - 100 : 1);
    }
    QTRY_COMPARE(app->said().size(), 502);
    QTRY_COMPARE(topText(*app), u"3"_s);
    QTRY_VERIFY(unread(*app) < 500);
    QCOMPARE(mentions(*app), 0);
    readOn(*app);
    QCOMPARE(unread(*app), 0);
}

void TestMainWindowUnread::aFewAreReadAtOnce()
{
    ScriptedServer server;
    const auto app = start();
    enterAndGo(server, *app);
    for (const auto &each : messages(3, 6))
        server.send(each.toObject());
    QTRY_COMPARE(unread(*app), 4);
    app->controller().openRoom(u"general"_s);
    QCOMPARE(unread(*app), 0);
    QVERIFY(view(*app).isAtBottom());
    // and it goes on at the end
    for (int seq = 7; seq <= 30; ++seq) {
        server.send(messageFrame(static_cast<quint64>(seq), QString::number(seq)));
        QTRY_COMPARE(app->said().size(), seq);
    }
    QCoreApplication::processEvents();
    QVERIFY(view(*app).isAtBottom());
    QCOMPARE(unread(*app), 0);
    QCOMPARE(app->window().windowTitle(), u"#general – Parlor"_s);
}

void TestMainWindowUnread::ofManyAtOnceTheLastAreSeen()
{
    ScriptedServer server;
    const auto app = start();
    enterAndGo(server, *app);
    app->controller().openRoom(u"general"_s);
    QVERIFY(view(*app).isAtBottom());
    const QString title = app->window().windowTitle();

    // WHEN a message comes to a room whose end is in view THEN it is never new
    QSignalSpy titles(&app->window(), &QWidget::windowTitleChanged);
    server.send(messageFrame(3, u"three"_s));
    QTRY_COMPARE(app->said().size(), 3);
    QCoreApplication::processEvents();
    QCOMPARE(titles.size(), 0);
    QVERIFY(!app->controller().messages(u"general"_s)->marker());

    // WHEN more of them come than there is room for, before they are laid out THEN they wait to be read
    for (int seq = 4; seq <= 63; ++seq)
        server.send(
            messageFrame(static_cast<quint64>(seq), seq == 30 ? u"and @Jun"_s : QString::number(seq)));
    QTRY_COMPARE(app->said().size(), 63);
    QTRY_COMPARE(unread(*app), 60);
    QCOMPARE(mentions(*app), 1);
    QVERIFY(view(*app).isAtBottom());
    QTRY_COMPARE(pill(*app, "unreadAboveButton"), u"↑ 60 new · @1"_s);
    server.send(messageFrame(64, u"live"_s)); // is seen as it comes
    QTRY_COMPARE(app->said().size(), 64);
    QCoreApplication::processEvents();
    QCOMPARE(unread(*app), 60);
    QTest::mouseClick(&app->child<QPushButton>("unreadAboveButton"), Qt::LeftButton);
    QVERIFY(isAtLine(*app));
    QCOMPARE(topText(*app), u"4"_s);
    readOn(*app);
    QCOMPARE(unread(*app), 0);
    QCOMPARE(mentions(*app), 0);
    QCOMPARE(app->window().windowTitle(), title);
}

void TestMainWindowUnread::whatIsTrimmedIsNotRead()
{
    ScriptedServer server;
    const auto app = start();
    enterAndGo(server, *app);
    constexpr int kTop = 5702; // the oldest 501 go
    for (int seq = 3; seq <= kTop; ++seq) {
        server.send(
            messageFrame(static_cast<quint64>(seq), seq == 5 ? u"look, @Jun"_s : QString::number(seq)));
        if (seq % 500 == 0)
            QCoreApplication::processEvents();
    }
    MessageModel &room = *app->controller().messages(u"general"_s);
    QTRY_COMPARE_WITH_TIMEOUT(room.unread().messages, 5700U, 20'000);
    QCOMPARE(room.index(0).data(MessageModel::TextRole).toString(), u"502"_s);
    QCOMPARE(mentions(*app), 1);

    // WHEN the room is opened THEN what is gone is brought back before any of it counts as read
    app->controller().openRoom(u"general"_s);
    for (int before = 502; before > 3; before = std::max(3, before - 100)) {
        const QJsonObject asked = server.expect(u"history"_s);
        QCOMPARE(asked[u"before"_s].toInt(), before);
        QCOMPARE(room.unread().messages, 5700U);
        QCOMPARE(mentions(*app), 1);
        answerHistory(server, asked, before > 103 ? before - 100 : 1);
    }
    QTRY_COMPARE(topText(*app), u"3"_s);
    QVERIFY(isAtLine(*app));
    QTRY_VERIFY(room.unread().messages < 5700U);
    QCOMPARE(mentions(*app), 0);
}

void TestMainWindowUnread::writingReadsNothing()
{
    ScriptedServer server;
    const auto app = start();
    enterAndGo(server, *app);
    sayMany(server);
    QTRY_COMPARE(unread(*app), 500);
    app->controller().openRoom(u"general"_s);
    const int left = unread(*app);
    app->type(u"mine"_s);
    app->pressEnter();
    QVERIFY(view(*app).isAtBottom());
    QVERIFY(server.expect(u"typing"_s)[u"on"_s].toBool());
    QVERIFY(!server.expect(u"typing"_s)[u"on"_s].toBool());
    server.acknowledge(server.expect(u"message"_s), 503);
    QTRY_COMPARE(app->controller().unsent(), 0);
    QCOMPARE(unread(*app), left);
    QCOMPARE(pill(*app, "unreadAboveButton"), u"↑ %1 new"_s.arg(left));
}

PARLOR_TEST_WITHIN(QApplication, TestMainWindowUnread)
#include "tst_mainwindow_unread.moc"
