// SPDX-License-Identifier: MIT
// The real window against the real server, by mouse and keys.
#include "tests/gui/windowundertest.h"
#include "tests/support/rawchat.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QDir>
#include <QLineEdit>
#include <QListView>
#include <QPixmap>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTest>

using namespace parlor;
using namespace parlor::gui;
using namespace parlor::gui::test;
using namespace parlor::test;
using namespace Qt::StringLiterals;

class TestMainWindow : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void connects_data();
    void connects();
    void talks();
    void shiftEnterMakesALine();
    void countsWhatIsUnread();
    void joinsAndLeavesRooms();
    void aRefusedRoomIsSaid();
    void survivesARestart();
    void listsWhoIsThere();
    void everyControlHasAName();
    void asksBeforeUnsentMessagesAreLost();

private:
    [[nodiscard]] QString address() const { return u"127.0.0.1:%1"_s.arg(m_server->port()); }
    /// Clicks the room in the list.
    static void click(WindowUnderTest &app, const QString &room);

    std::unique_ptr<ServerProcess> m_server;
};

void TestMainWindow::initTestCase()
{
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
}

void TestMainWindow::init()
{
    m_server = std::make_unique<ServerProcess>(ServerProcess::Settings{.program = u"parlor-server"_s});
    PARLOR_EXPECT(m_server->start());
}

void TestMainWindow::cleanup()
{
    m_server.reset();
}

void TestMainWindow::click(WindowUnderTest &app, const QString &room)
{
    auto &list = app.child<QListView>("roomList");
    for (int row = 0; row < list.model()->rowCount(); ++row) {
        const QModelIndex index = list.model()->index(row, 0);
        if (index.data().toString() == room) {
            QTest::mouseClick(list.viewport(), Qt::LeftButton, {}, list.visualRect(index).center());
            return;
        }
    }
    QFAIL("there is no such room in the list");
}

void TestMainWindow::connects_data()
{
    QTest::addColumn<Scheme>("scheme");
    QTest::addColumn<double>("scale");
    QTest::newRow("connected-light") << Scheme::Light << 1.0;
    QTest::newRow("connected-dark") << Scheme::Dark << 1.0;
    QTest::newRow("connected-2x") << Scheme::Light << 2.0;
}

void TestMainWindow::connects()
{
    QFETCH(Scheme, scheme);
    QFETCH(double, scale);
    WindowUnderTest app(scheme);
    app.open(address());
    // THEN the foot tells the state, the server, who serves us and how far that is; no banner
    static const QRegularExpression connected(
        u"^Connected · 127\\.0\\.0\\.1:\\d+ · served by .+ · \\d+ ms$"_s);
    QTRY_VERIFY2(connected.match(app.status()).hasMatch(), qUtf8Printable(app.status()));
    QCOMPARE(app.banner(), QString());
    QTRY_COMPARE(app.window().windowTitle(), u"#general – Parlor"_s);
    RawChat rosa;
    PARLOR_EXPECT(rosa.openAndJoin(m_server->port(), Dialect::V2, u"general"_s));
    PARLOR_EXPECT(
        rosa.chats(u"general"_s, u"@Jun the `second` instance is in: https://parlor.example/runs/118"_s));
    QTRY_COMPARE(app.said().size(), 1);
    QVERIFY(app.save(QString::fromLatin1(QTest::currentDataTag()), scale));
}

void TestMainWindow::talks()
{
    WindowUnderTest app;
    app.open(address());
    QTRY_VERIFY(app.controller().connection().isReady());
    QAbstractItemModelTester messages(app.controller().messages(u"general"_s));
    QAbstractItemModelTester members(app.controller().members(u"general"_s));
    QAbstractItemModelTester rooms(&app.controller().rooms());
    RawChat rosa;
    PARLOR_EXPECT(rosa.openAndJoin(m_server->port(), Dialect::V2, u"general"_s));

    app.type(u"Hello Rosa"_s);
    app.pressEnter();
    QTRY_COMPARE(app.said(), QStringList{u"Hello Rosa"_s});
    QTRY_COMPARE(app.controller().unsent(), 0);
    const auto heard = rosa.nextOf(u"message"_s);
    QVERIFY(heard);
    QCOMPARE((*heard)[u"content"_s].toString(), u"Hello Rosa"_s);
    QCOMPARE((*heard)[u"username"_s].toString(), u"Jun"_s);
    QCOMPARE(app.child<QPlainTextEdit>("messageInput").toPlainText(), QString());

    PARLOR_EXPECT(rosa.chats(u"general"_s, u"<b>Hello</b> Jun"_s));
    QTRY_COMPARE(app.said(), (QStringList{u"Hello Rosa"_s, u"<b>Hello</b> Jun"_s}));
    const auto delivery = app.controller().messages(u"general"_s)->index(0).data(MessageModel::DeliveryRole);
    QVERIFY(delivery.value<MessageModel::Delivery>() == MessageModel::Delivery::Sent);

    // Up brings back what was sent
    QTest::keyClick(&app.child<QPlainTextEdit>("messageInput"), Qt::Key_Up);
    QCOMPARE(app.child<QPlainTextEdit>("messageInput").toPlainText(), u"Hello Rosa"_s);
}

void TestMainWindow::shiftEnterMakesALine()
{
    WindowUnderTest app;
    app.open(address());
    QTRY_VERIFY(app.controller().connection().isReady());
    auto &input = app.child<QPlainTextEdit>("messageInput");
    const int oneLine = input.height();
    app.type(u"first"_s);
    QTest::keyClick(&input, Qt::Key_Return, Qt::ShiftModifier);
    app.type(u"second"_s);
    QCOMPARE(input.toPlainText(), u"first\nsecond"_s);
    QTRY_VERIFY(input.height() > oneLine);
    QTest::mouseClick(&app.child<QPushButton>("sendButton"), Qt::LeftButton);
    QTRY_COMPARE(app.said(), QStringList{u"first\nsecond"_s});
    // only blanks are no message
    app.type(u"   "_s);
    QVERIFY(!app.child<QPushButton>("sendButton").isEnabled());
}

void TestMainWindow::countsWhatIsUnread()
{
    WindowUnderTest app;
    app.open(address());
    QTRY_VERIFY(app.controller().connection().isReady());
    QTRY_VERIFY(app.controller().rooms().rowOf(u"support"_s) >= 0);
    click(app, u"support"_s);
    QTRY_COMPARE(app.controller().currentRoom(), u"support"_s);
    app.type(u"a draft"_s);

    RawChat rosa;
    PARLOR_EXPECT(rosa.openAndJoin(m_server->port(), Dialect::V2, u"general"_s));
    PARLOR_EXPECT(rosa.chats(u"general"_s, u"one"_s));
    PARLOR_EXPECT(rosa.chats(u"general"_s, u"two, @jun"_s));
    const auto general = [&] {
        RoomListModel &rooms = app.controller().rooms();
        return rooms.index(rooms.rowOf(u"general"_s));
    };
    QTRY_COMPARE(general().data(RoomListModel::UnreadRole).toInt(), 2);
    QCOMPARE(general().data(RoomListModel::MentionRole).toInt(), 1);
    QTRY_COMPARE(app.window().windowTitle(), u"(2) #support – Parlor"_s);
    // and the head tells of the room that is open, not of the one where somebody came
    QTRY_COMPARE(app.child<QLabel>("roomSubtitle").text(), u"1 member"_s);
    QVERIFY(app.save(u"unread"_s));

    // WHEN the next unread room is opened by keys THEN the first new message has the line, and nothing is
    // unread
    QTest::keyClick(&app.window(), Qt::Key_Down, Qt::AltModifier | Qt::ShiftModifier);
    QTRY_COMPARE(app.controller().currentRoom(), u"general"_s);
    QTRY_COMPARE(general().data(RoomListModel::UnreadRole).toInt(), 0);
    const MessageModel *messages = app.controller().messages(u"general"_s);
    QVERIFY(messages->index(0).data(MessageModel::MarkerRole).toBool());
    QVERIFY(!messages->index(1).data(MessageModel::MarkerRole).toBool());
    QTest::keyClick(&app.window(), Qt::Key_Escape);
    QTRY_VERIFY(!messages->index(0).data(MessageModel::MarkerRole).toBool());

    // and what was begun in the other room is still there
    QCOMPARE(app.child<QPlainTextEdit>("messageInput").toPlainText(), QString());
    click(app, u"support"_s);
    QCOMPARE(app.child<QPlainTextEdit>("messageInput").toPlainText(), u"a draft"_s);
}

void TestMainWindow::joinsAndLeavesRooms()
{
    WindowUnderTest app;
    app.open(address());
    QTRY_VERIFY(app.controller().connection().isReady());
    QTest::mouseClick(&app.child<QPushButton>("joinRoomButton"), Qt::LeftButton);
    QTRY_VERIFY(app.window().findChild<QLineEdit *>(u"askEdit"_s));
    auto *edit = app.window().findChild<QLineEdit *>(u"askEdit"_s);
    QTest::keyClicks(edit, u"not a room!"_s);
    QTest::keyClick(edit, Qt::Key_Return);
    auto *problem = app.window().findChild<QLabel *>(u"askProblem"_s);
    QVERIFY(problem->isVisible());
    QVERIFY(!problem->text().isEmpty());
    edit->clear();
    QTest::keyClicks(edit, u"Releases"_s);
    QTest::keyClick(edit, Qt::Key_Return);
    QTRY_COMPARE(app.controller().currentRoom(), u"releases"_s);
    app.controller().leaveRoom(u"releases"_s);
    QTRY_COMPARE(app.controller().currentRoom(), u"general"_s);
}

void TestMainWindow::aRefusedRoomIsSaid()
{
    ServerProcess fixed({.program = u"parlor-server"_s, .arguments = {u"--rooms"_s, u"fixed"_s}});
    PARLOR_EXPECT(fixed.start());
    WindowUnderTest app;
    app.open(u"127.0.0.1:%1"_s.arg(fixed.port()));
    QTRY_VERIFY(app.controller().connection().isReady());
    app.controller().openRoom(u"elsewhere"_s);
    QTRY_VERIFY(app.child<QWidget>("notice").isVisible());
    QVERIFY(app.child<QLabel>("noticeText").text().contains(u"elsewhere"_s));
    QCOMPARE(app.controller().currentRoom(), u"general"_s);
    QVERIFY(app.controller().connection().isReady());
}

void TestMainWindow::survivesARestart()
{
    WindowUnderTest app;
    app.open(address());
    QTRY_VERIFY(app.controller().connection().isReady());
    const auto port = m_server->port();

    // WHEN the server dies THEN the window says so, and what is written waits
    m_server->kill();
    QTRY_VERIFY2(app.banner().contains(u"attempt "_s), qUtf8Printable(app.banner()));
    QVERIFY(app.banner().startsWith(u"Connection lost at "_s) || app.banner().startsWith(u"Reconnecting"_s));
    app.type(u"written meanwhile"_s);
    app.pressEnter();
    app.type(u"half a thought"_s);
    QTRY_VERIFY(app.status().startsWith(u"Reconnecting "_s));
    QVERIFY(app.save(u"reconnecting"_s));
    app.theme().setScheme(Scheme::Dark);
    QVERIFY(app.save(u"reconnecting-dark"_s));
    QTRY_VERIFY2_WITH_TIMEOUT(app.banner().contains(u"(3 of 3 attempts)"_s), qUtf8Printable(app.banner()),
                              15'000);
    QVERIFY(app.status().startsWith(u"Offline"_s));
    QVERIFY(app.save(u"offline-dark"_s));
    QVERIFY(!QApplication::activeModalWidget());

    // WHEN it is back and the person does not want to wait THEN it is as if nothing had been
    m_server = std::make_unique<ServerProcess>(ServerProcess::Settings{
        .program = u"parlor-server"_s, .arguments = {u"--listen"_s, u"127.0.0.1:%1"_s.arg(port)}});
    PARLOR_EXPECT(m_server->start());
    auto &retry = app.child<QPushButton>("retryButton");
    retry.setFocus();
    QTest::keyClick(&retry, Qt::Key_Space);
    QTRY_VERIFY2(app.status().startsWith(u"Connected"_s), qUtf8Printable(app.status()));
    QTRY_VERIFY2(app.child<QPlainTextEdit>("messageInput").hasFocus(), "what is typed on is a message");
    QTRY_VERIFY2(app.banner().isEmpty() || app.banner().startsWith(u"Back online"_s),
                 qUtf8Printable(app.banner()));
    QTRY_COMPARE(app.controller().unsent(), 0);
    QCOMPARE(app.said(), QStringList{u"written meanwhile"_s});
    QCOMPARE(app.child<QPlainTextEdit>("messageInput").toPlainText(), u"half a thought"_s);
}

void TestMainWindow::listsWhoIsThere()
{
    WindowUnderTest app;
    app.open(address());
    QTRY_COMPARE(app.child<QLabel>("memberCaption").text(), u"MEMBERS · 1"_s);
    RawChat rosa;
    PARLOR_EXPECT(rosa.openAndJoin(m_server->port(), Dialect::V2, u"general"_s));
    QTRY_COMPARE(app.child<QLabel>("memberCaption").text(), u"MEMBERS · 2"_s);
    QTRY_COMPARE(app.child<QLabel>("roomSubtitle").text(), u"2 members"_s);
    // a narrow window keeps the chat
    app.window().resize(640, 480);
    QTRY_VERIFY(!app.child<QWidget>("memberPane").isVisible());
    QVERIFY(app.save(u"narrow"_s));
}

void TestMainWindow::everyControlHasAName()
{
    WindowUnderTest app;
    app.open(address());
    QTRY_VERIFY(app.controller().connection().isReady());
    for (const QWidget *widget : app.window().findChildren<QWidget *>()) {
        if (!widget->isVisible() || (widget->focusPolicy() & Qt::TabFocus) == 0 || widget->focusProxy())
            continue;
        const auto *button = qobject_cast<const QAbstractButton *>(widget);
        const bool named = !widget->accessibleName().isEmpty() || (button && !button->text().isEmpty());
        QVERIFY2(named, qPrintable(widget->objectName() + u" "_s +
                                   QLatin1String(widget->metaObject()->className())));
    }
}

void TestMainWindow::asksBeforeUnsentMessagesAreLost()
{
    const QTemporaryDir profile;
    for (int number = 1; number <= 8; ++number) { // nothing can be kept there
        const QString name = number == 1 ? u"window.db"_s : u"window-%1.db"_s.arg(number);
        QVERIFY(QDir(profile.path()).mkdir(name));
    }
    WindowUnderTest app(Scheme::Light, WindowUnderTest::hastyOptions(), profile.path());
    app.open(address());
    QTRY_VERIFY(app.controller().connection().isReady());
    m_server->kill();
    QTRY_VERIFY(!app.controller().connection().isReady());
    app.type(u"not sent"_s);
    app.pressEnter();
    app.window().close();
    QVERIFY(app.window().isVisible());
    QTRY_VERIFY(app.window().findChild<QWidget *>(u"unsentQuestion"_s));
    auto *question = app.window().findChild<QWidget *>(u"unsentQuestion"_s);
    QVERIFY(question->findChild<QLabel *>(u"questionText"_s)->text().endsWith(u"It will be lost."_s));
    QPixmap picture = question->grab();
    const QDir folder(qEnvironmentVariable("PARLOR_TEST_PICTURES", u"pictures"_s));
    QVERIFY(picture.save(folder.filePath(u"window-question.png"_s)));
}

PARLOR_TEST_WITHIN(QApplication, TestMainWindow)
#include "tst_mainwindow.moc"
