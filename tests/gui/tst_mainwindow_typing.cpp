// SPDX-License-Identifier: MIT
// Whatever is typed where nothing takes it is written into the message.
#include "client-gui/views/messageview.h"
#include "tests/gui/windowundertest.h"
#include "tests/support/testclass.h"
#include "tests/unit/shared/client/scriptedserver.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QJsonArray>
#include <QLineEdit>
#include <QListView>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QTest>

using namespace parlor;
using namespace parlor::gui;
using namespace parlor::gui::test;
using namespace Qt::StringLiterals;

class TestMainWindowTyping : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void afterAClick_data();
    void afterAClick();
    void afterFindingARoom();
    void afterGivingASearchUp();
    void afterFindingARoomThatWeAreNotIn();
    void afterJoiningARoom();
    void keysThatAreNoText_data();
    void keysThatAreNoText();
    void keysOfLists();
    void fieldsKeepTheirs();
    void altGrIsText();
    void nowhereToWrite();
    void whatIsPasted();

private:
    /// Clicks the room in the list.
    void clickRoom(const QString &room);
    /// Presses these keys where the focus is.
    void type(const QString &text)
    {
        for (const QChar each : text)
            QTest::sendKeyEvent(QTest::Click, m_app->window().focusWidget(),
                                each == u' ' ? Qt::Key_Space : Qt::Key_unknown, each, Qt::NoModifier);
    }
    [[nodiscard]] QPlainTextEdit &input() { return m_app->child<QPlainTextEdit>("messageInput"); }
    [[nodiscard]] QListView &rooms() { return m_app->child<QListView>("roomList"); }

    std::unique_ptr<ScriptedServer> m_server;
    std::unique_ptr<WindowUnderTest> m_app;
};

void TestMainWindowTyping::init()
{
    m_server = std::make_unique<ScriptedServer>();
    m_app = std::make_unique<WindowUnderTest>();
    m_app->open(m_server->url().toString());
    QVERIFY(m_server->authenticate());
    m_server->answer(m_server->expect(u"join"_s), {{u"type"_s, u"ack"_s}, {u"room"_s, u"general"_s}});
    m_server->send({{u"type"_s, u"room_users"_s},
                    {u"room"_s, u"general"_s},
                    {u"members"_s, QJsonArray{QJsonObject{{u"id"_s, u"me"_s}, {u"username"_s, u"Jun"_s}},
                                              QJsonObject{{u"id"_s, u"x"_s}, {u"username"_s, u"Hella"_s}}}},
                    {u"count"_s, 2}});
    QJsonArray said;
    for (quint64 seq = 1; seq <= 60; ++seq)
        said.append(messageFrame(seq, QString::number(seq)));
    m_server->send(syncFrame(60, said, false));
    QTRY_COMPARE(m_app->said().size(), 60);
    QVERIFY(!m_server->expect(u"rooms"_s).isEmpty());
    for (const QString &room : {u"random"_s, u"support"_s}) {
        m_app->controller().openRoom(room);
        QVERIFY(m_server->join(room));
        QTRY_COMPARE(m_app->controller().currentRoom(), room);
    }
    m_app->controller().openRoom(u"general"_s);
    QCoreApplication::processEvents();
}

void TestMainWindowTyping::cleanup()
{
    m_app.reset();
    m_server.reset();
}

void TestMainWindowTyping::clickRoom(const QString &room)
{
    for (int row = 0; row < rooms().model()->rowCount(); ++row) {
        const QModelIndex index = rooms().model()->index(row, 0);
        if (index.data(RoomListModel::NameRole).toString() == room)
            QTest::mouseClick(rooms().viewport(), Qt::LeftButton, {}, rooms().visualRect(index).center());
    }
    QCOMPARE(m_app->controller().currentRoom(), room);
}

void TestMainWindowTyping::afterAClick_data()
{
    QTest::addColumn<QString>("where");
    for (const char *where : {"room", "the open room", "message", "empty part of the messages", "member",
                              "new messages", "button"})
        QTest::newRow(where) << QString::fromLatin1(where);
}

void TestMainWindowTyping::afterAClick()
{
    QFETCH(QString, where);
    auto &view = m_app->child<MessageView>("messageView");
    const auto clickRow = [](QAbstractItemView &list, int row) {
        QTest::mouseClick(list.viewport(), Qt::LeftButton, {},
                          list.visualRect(list.model()->index(row, 0)).center());
    };
    if (where == u"room")
        clickRoom(u"random"_s);
    if (where == u"the open room")
        clickRoom(u"general"_s);
    if (where == u"message")
        clickRow(view, 59);
    if (where == u"empty part of the messages") {
        clickRoom(u"random"_s);
        QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, QPoint(40, 40));
    }
    if (where == u"member")
        clickRow(m_app->child<QListView>("userList"), 0);
    if (where == u"new messages") {
        view.verticalScrollBar()->setValue(0);
        clickRow(view, 2);
        m_server->send(messageFrame(61, u"new"_s));
        QTRY_VERIFY(m_app->child<QPushButton>("newMessagesButton").isVisible());
        QTest::mouseClick(&m_app->child<QPushButton>("newMessagesButton"), Qt::LeftButton);
    }
    if (where == u"button")
        m_app->child<QPushButton>("joinRoomButton").setFocus();
    const QString room = m_app->controller().currentRoom();
    const QModelIndex current = rooms().currentIndex();
    type(u"Shell, hé 1!"_s);
    QCOMPARE(input().toPlainText(), u"Shell, hé 1!"_s);
    QVERIFY(input().hasFocus());
    QCOMPARE(m_app->controller().currentRoom(), room);
    QCOMPARE(rooms().currentIndex(), current);
    QCOMPARE(current.data(RoomListModel::NameRole).toString(), room);
}

void TestMainWindowTyping::afterFindingARoom()
{
    QTest::keyClick(&m_app->window(), Qt::Key_K, Qt::ControlModifier);
    type(u"ran"_s);
    QCOMPARE(m_app->child<QLineEdit>("roomFilter").text(), u"ran"_s);
    QTest::keyClick(m_app->window().focusWidget(), Qt::Key_Return);
    QCOMPARE(m_app->controller().currentRoom(), u"random"_s);
    QVERIFY(input().hasFocus());
    type(u"hello"_s);
    QCOMPARE(input().toPlainText(), u"hello"_s);
    QCOMPARE(m_app->child<QLineEdit>("roomFilter").text(), QString());
}

void TestMainWindowTyping::afterGivingASearchUp()
{
    int read = 0; // which the window's own Esc says
    for (QAction *each : m_app->window().findChildren<QAction *>()) {
        if (each->shortcut() == QKeySequence(Qt::Key_Escape))
            connect(each, &QAction::triggered, this, [&read] { ++read; });
    }
    QTest::keyClick(&m_app->window(), Qt::Key_K, Qt::ControlModifier);
    type(u"gne"_s);
    QTest::keyClick(m_app->window().focusWidget(), Qt::Key_Escape);
    QCOMPARE(m_app->child<QLineEdit>("roomFilter").text(), QString());
    QVERIFY(input().hasFocus());
    QCOMPARE(read, 0);
    QTest::keyClick(m_app->window().focusWidget(), Qt::Key_Escape);
    QCOMPARE(read, 1);
}

/// Also what is typed before the server lets us in is for that room.
void TestMainWindowTyping::afterFindingARoomThatWeAreNotIn()
{
    m_app->controller().leaveRoom(u"random"_s);
    m_app->controller().rooms().setDirectory({{u"random"_s, 1, 0}});
    QVERIFY(!m_server->expect(u"leave"_s).isEmpty());
    type(u"old"_s);
    QVERIFY(!m_server->expect(u"typing"_s).isEmpty());
    QTest::keyClick(&m_app->window(), Qt::Key_K, Qt::ControlModifier);
    type(u"ran"_s);
    QTest::keyClick(m_app->window().focusWidget(), Qt::Key_Return);
    type(u"hel"_s);
    QVERIFY(m_server->join(u"random"_s));
    QCoreApplication::processEvents();
    type(u"lo"_s);
    QCOMPARE(m_app->controller().currentRoom(), u"random"_s);
    QCOMPARE(input().toPlainText(), u"hello"_s);
    m_app->controller().openRoom(u"general"_s);
    QCOMPARE(input().toPlainText(), u"old"_s);
}

void TestMainWindowTyping::afterJoiningARoom()
{
    QTest::mouseClick(&m_app->child<QPushButton>("joinRoomButton"), Qt::LeftButton);
    auto *edit = m_app->window().findChild<QLineEdit *>(u"askEdit"_s);
    QVERIFY(edit);
    QTest::keyClicks(edit, u"random"_s);
    QCOMPARE(input().toPlainText(), QString());
    QTest::keyClick(edit, Qt::Key_Return);
    QTRY_VERIFY(input().hasFocus());
    type(u"hello"_s);
    QCOMPARE(input().toPlainText(), u"hello"_s);
    QCOMPARE(m_app->controller().currentRoom(), u"random"_s);
}

void TestMainWindowTyping::keysThatAreNoText_data()
{
    QTest::addColumn<int>("key");
    QTest::addColumn<int>("modifiers");
    QTest::newRow("Ctrl") << int(Qt::Key_G) << int(Qt::ControlModifier);
    QTest::newRow("Ctrl+Shift") << int(Qt::Key_G) << int(Qt::ControlModifier | Qt::ShiftModifier);
    QTest::newRow("Alt") << int(Qt::Key_G) << int(Qt::AltModifier);
    QTest::newRow("Meta") << int(Qt::Key_G) << int(Qt::MetaModifier);
    QTest::newRow("Delete") << int(Qt::Key_Delete) << 0;
    QTest::newRow("Backspace") << int(Qt::Key_Backspace) << 0;
    QTest::newRow("space bar") << int(Qt::Key_Space) << 0;
    QTest::newRow("F5") << int(Qt::Key_F5) << 0;
    QTest::newRow("Shift") << int(Qt::Key_Shift) << 0;
    QTest::newRow("dead key") << int(Qt::Key_Dead_Acute) << 0;
}

void TestMainWindowTyping::keysThatAreNoText()
{
    QFETCH(int, key);
    QFETCH(int, modifiers);
    clickRoom(u"general"_s);
    for (QWidget *list :
         {static_cast<QWidget *>(&rooms()), static_cast<QWidget *>(&m_app->child<QListView>("userList")),
          static_cast<QWidget *>(&m_app->child<MessageView>("messageView"))}) {
        list->setFocus();
        const bool dead = key == Qt::Key_Dead_Acute; // of which Qt Test knows no text
        if (dead)
            QTest::sendKeyEvent(QTest::Click, list, Qt::Key(key), QString(), Qt::NoModifier);
        else
            QTest::keyClick(list, Qt::Key(key), Qt::KeyboardModifiers(modifiers));
        QVERIFY(list->hasFocus());
        QCOMPARE(input().toPlainText(), QString());
    }
}

void TestMainWindowTyping::keysOfLists()
{
    clickRoom(u"general"_s);
    QTest::keyClick(&rooms(), Qt::Key_Down);
    QCOMPARE(rooms().currentIndex().data(RoomListModel::NameRole).toString(), u"random"_s);
    QTest::keyClick(&rooms(), Qt::Key_End);
    QCOMPARE(rooms().currentIndex().data(RoomListModel::NameRole).toString(), u"support"_s);
    QTest::keyClick(&rooms(), Qt::Key_Home);
    QCOMPARE(rooms().currentIndex().data(RoomListModel::NameRole).toString(), u"general"_s);
    QTest::keyClick(&rooms(), Qt::Key_Down);
    QTest::keyClick(&rooms(), Qt::Key_Return);
    QCOMPARE(m_app->controller().currentRoom(), u"random"_s);
    QVERIFY(rooms().hasFocus());
    m_app->controller().openRoom(u"general"_s);

    auto &view = m_app->child<MessageView>("messageView");
    view.setFocus();
    const int end = view.verticalScrollBar()->value();
    QTest::keyClick(&view, Qt::Key_PageUp);
    QTest::keyClick(&view, Qt::Key_PageUp);
    QVERIFY(view.verticalScrollBar()->value() < end);
    QVERIFY(view.hasFocus());
    QTest::keyClick(&view, Qt::Key_Tab);
    QVERIFY(!view.hasFocus());
    QCOMPARE(input().toPlainText(), QString());
}

void TestMainWindowTyping::fieldsKeepTheirs()
{
    auto &filter = m_app->child<QLineEdit>("roomFilter");
    QTest::mouseClick(&filter, Qt::LeftButton);
    type(u"sup"_s);
    QCOMPARE(filter.text(), u"sup"_s);
    QTest::keyClick(&filter, Qt::Key_Delete);
    QCOMPARE(input().toPlainText(), QString());
    // what a dialog does not want is not for the message
    m_app->window().showConnectDialog();
    auto *button = m_app->window().findChild<QPushButton *>(u"connectButton"_s);
    QTRY_VERIFY(button && button->isVisible());
    QTest::keyClicks(button, u"hello"_s);
    QCOMPARE(input().toPlainText(), QString());
}

void TestMainWindowTyping::altGrIsText()
{
    clickRoom(u"general"_s);
    QTest::sendKeyEvent(QTest::Click, &rooms(), Qt::Key_At, u"@"_s,
                        Qt::ControlModifier | Qt::AltModifier); // as Windows has it
    QCOMPARE(input().toPlainText(), u"@"_s);
    rooms().setFocus();
    QTest::sendKeyEvent(QTest::Click, &rooms(), Qt::Key_E, u"€"_s, Qt::GroupSwitchModifier); // as X11 has it
    QCOMPARE(input().toPlainText(), u"@€"_s);
    rooms().setFocus();
    QTest::sendKeyEvent(QTest::Click, &rooms(), Qt::Key_unknown, u"😀"_s, Qt::NoModifier);
    QCOMPARE(input().toPlainText(), u"@€😀"_s);
}

void TestMainWindowTyping::nowhereToWrite()
{
    for (const QString &room : {u"general"_s, u"random"_s, u"support"_s})
        m_app->controller().leaveRoom(room);
    QVERIFY(!input().isEnabled());
    rooms().setFocus();
    type(u"hello"_s);
    QCOMPARE(input().toPlainText(), QString());
}

void TestMainWindowTyping::whatIsPasted()
{
    QGuiApplication::clipboard()->setText(u"pasted"_s);
    clickRoom(u"general"_s);
    QTest::keyClick(&rooms(), Qt::Key_V, Qt::ControlModifier);
    QCOMPARE(input().toPlainText(), u"pasted"_s);
    QVERIFY(input().hasFocus());
    m_app->child<MessageView>("messageView").setFocus();
    QTest::keyClick(m_app->window().focusWidget(), Qt::Key_V, Qt::ControlModifier);
    QCOMPARE(input().toPlainText(), u"pastedpasted"_s);
}

PARLOR_TEST_WITHIN(QApplication, TestMainWindowTyping)
#include "tst_mainwindow_typing.moc"
