// SPDX-License-Identifier: MIT
// What somebody wrote is neither lost in silence nor sent where it was not meant to go.
#include "client-gui/views/chatpane.h"
#include "tests/gui/windowundertest.h"
#include "tests/support/rawchat.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"
#include "tests/unit/shared/client/scriptedserver.h"

#include <QApplication>
#include <QListView>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTest>

using namespace parlor;
using namespace parlor::gui;
using namespace parlor::gui::test;
using namespace parlor::test;
using namespace Qt::StringLiterals;

class TestMainWindowWriting : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void aRefusedRoomKeepsWhatWasWritten();
    void leavingARoomAsks();
    void aRefusedRoomKeepsItsDraft();
    void typingDoesNotGoOnInAnotherRoom();
    void draftsCountBeforeQuitting();
    void nothingGoesToAnotherServer();
    void deletedOnlyHere();
    void ownNameBeforeTheFirstSession();
    void aLongTextIsCounted();

private:
    [[nodiscard]] QString address() const { return u"127.0.0.1:%1"_s.arg(m_port); }
    void restart(WindowUnderTest &app, const QStringList &arguments = {});
    [[nodiscard]] static MessageModel::Delivery delivery(WindowUnderTest &app, const QString &room);
    static QLabel *question(WindowUnderTest &app)
    {
        return app.window().findChild<QLabel *>(u"questionText"_s);
    }

    std::unique_ptr<ServerProcess> m_server;
    std::uint16_t m_port = 0; ///< also after a restart
};

void TestMainWindowWriting::initTestCase()
{
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
}

void TestMainWindowWriting::init()
{
    m_server = std::make_unique<ServerProcess>(ServerProcess::Settings{.program = u"parlor-server"_s});
    PARLOR_EXPECT(m_server->start());
    m_port = m_server->port();
}

void TestMainWindowWriting::cleanup()
{
    m_server.reset();
}

/// The server comes back, and the window to it.
void TestMainWindowWriting::restart(WindowUnderTest &app, const QStringList &arguments)
{
    m_server->kill();
    QTRY_VERIFY(!app.controller().connection().isReady());
    m_server = std::make_unique<ServerProcess>(ServerProcess::Settings{
        .program = u"parlor-server"_s, .arguments = QStringList{u"--listen"_s, address()} + arguments});
    PARLOR_EXPECT(m_server->start());
    // an attempt that began too early may still be on
    QTRY_VERIFY((app.controller().retryNow(), app.controller().connection().isReady()));
}

MessageModel::Delivery TestMainWindowWriting::delivery(WindowUnderTest &app, const QString &room)
{
    const MessageModel *messages = app.controller().messages(room);
    return messages->index(messages->rowCount() - 1)
        .data(MessageModel::DeliveryRole)
        .value<MessageModel::Delivery>();
}

void TestMainWindowWriting::aRefusedRoomKeepsWhatWasWritten()
{
    using Delivery = MessageModel::Delivery;
    WindowUnderTest app;
    app.open(address(), u"Jun"_s, u"team"_s);
    QTRY_VERIFY(app.controller().connection().isReady());
    m_server->kill();
    QTRY_VERIFY(!app.controller().connection().isReady());
    app.type(u"precious"_s);
    app.pressEnter();

    // WHEN the server comes back without that room
    restart(app, {u"--rooms"_s, u"fixed"_s});

    // THEN what was written is there, and nobody claims that it is being sent
    QTRY_VERIFY(app.child<QLabel>("noticeText").text().contains(u"#team"_s));
    QVERIFY(app.child<QLabel>("noticeText").text().contains(u"kept"_s));
    QCOMPARE(app.controller().currentRoom(), u"team"_s);
    QCOMPARE(app.said(), QStringList{u"precious"_s});
    QTRY_COMPARE(delivery(app, u"team"_s), Delivery::Failed);
    QVERIFY2(!app.banner().contains(u"Sending"_s), qUtf8Printable(app.banner()));
    QCOMPARE(app.child<QLabel>("roomSubtitle").text(), u"not joined yet"_s);
    QVERIFY(app.save(u"refused-room"_s));
    // also after the person looked elsewhere
    app.controller().openRoom(u"general"_s);
    QTRY_COMPARE(app.controller().currentRoom(), u"general"_s);
    app.controller().openRoom(u"team"_s);
    QCOMPARE(app.controller().currentRoom(), u"team"_s);
    QCOMPARE(app.said(), QStringList{u"precious"_s});

    // and it can be sent again where the room is open again
    restart(app);
    const MessageModel *messages = app.controller().messages(u"team"_s);
    app.controller().resend(messages->index(0).data(MessageModel::CidRole).toString());
    QTRY_COMPARE(delivery(app, u"team"_s), Delivery::Sent);
    QCOMPARE(app.controller().unsent(), 0);
}

void TestMainWindowWriting::leavingARoomAsks()
{
    WindowUnderTest app;
    app.open(address(), u"Jun"_s, u"team"_s);
    QTRY_VERIFY(app.controller().connection().isReady());
    m_server->kill();
    QTRY_VERIFY(!app.controller().connection().isReady());
    app.type(u"precious"_s);
    app.pressEnter();
    Q_EMIT app.child<ChatPane>("chatPane").leaveRequested(u"team"_s);
    QTRY_VERIFY(question(app));
    QCOMPARE(question(app)->text(), u"A message that you wrote did not reach #team yet. It will be lost."_s);
    QCOMPARE(app.said(), QStringList{u"precious"_s});

    // WHEN the person gives it up THEN a later visit does not send it
    QTest::mouseClick(app.window().findChild<QPushButton *>(u"questionAccept"_s), Qt::LeftButton);
    QTRY_COMPARE(app.controller().currentRoom(), QString());
    QCOMPARE(app.controller().unsent(), 0);
    restart(app);
    RawChat rosa;
    PARLOR_EXPECT(rosa.openAndJoin(m_port, Dialect::V2, u"team"_s));
    app.controller().openRoom(u"team"_s);
    QTRY_COMPARE(app.controller().currentRoom(), u"team"_s);
    app.type(u"later"_s);
    app.pressEnter();
    QTRY_COMPARE(app.controller().unsent(), 0);
    const auto heard = rosa.nextOf(u"message"_s);
    QVERIFY(heard);
    QCOMPARE((*heard)[u"content"_s].toString(), u"later"_s);
}

void TestMainWindowWriting::aRefusedRoomKeepsItsDraft()
{
    WindowUnderTest app;
    app.open(address(), u"Jun"_s, u"general"_s);
    QTRY_VERIFY(app.controller().connection().isReady());
    app.controller().openRoom(u"team"_s);
    QTRY_COMPARE(app.controller().currentRoom(), u"team"_s);
    app.type(u"a long draft"_s);
    restart(app, {u"--rooms"_s, u"fixed"_s});
    QTRY_VERIFY(app.child<QLabel>("noticeText").text().contains(u"#team"_s));
    QCOMPARE(app.controller().currentRoom(), u"team"_s);
    QCOMPARE(app.child<QPlainTextEdit>("messageInput").toPlainText(), u"a long draft"_s);
    app.controller().openRoom(u"general"_s);
    QCOMPARE(app.child<QPlainTextEdit>("messageInput").toPlainText(), QString());
    app.controller().openRoom(u"team"_s);
    QCOMPARE(app.child<QPlainTextEdit>("messageInput").toPlainText(), u"a long draft"_s);

    // WHEN the person leaves it THEN it goes, and not to the next room
    app.controller().leaveRoom(u"team"_s);
    QTRY_COMPARE(app.controller().currentRoom(), u"general"_s);
    QCOMPARE(app.child<QPlainTextEdit>("messageInput").toPlainText(), QString());
    QCOMPARE(app.controller().drafts(), 0);
}

void TestMainWindowWriting::typingDoesNotGoOnInAnotherRoom()
{
    WindowUnderTest app;
    app.open(address(), u"Jun"_s, u"general"_s);
    QTRY_VERIFY(app.controller().connection().isReady());
    app.controller().openRoom(u"team"_s);
    QTRY_COMPARE(app.controller().currentRoom(), u"team"_s);
    auto &input = app.child<QPlainTextEdit>("messageInput");
    input.setFocus();
    restart(app, {u"--rooms"_s, u"fixed"_s});
    QTRY_COMPARE(app.controller().currentRoom(), u"general"_s);
    QVERIFY(!input.hasFocus());
    QTest::keyClicks(app.window().focusWidget(), u"typed on"_s);
    QCOMPARE(input.toPlainText(), QString());
    QTest::mouseClick(&input, Qt::LeftButton); // here, then
    app.type(u"typed"_s);
    QCOMPARE(input.toPlainText(), u"typed"_s);
}

void TestMainWindowWriting::draftsCountBeforeQuitting()
{
    WindowUnderTest app;
    app.open(address());
    QTRY_VERIFY(app.controller().connection().isReady());
    app.type(u"half a thought"_s);
    app.window().close();
    QVERIFY(app.window().isVisible());
    QTRY_VERIFY(question(app));
    QCOMPARE(question(app)->text(), u"You began a message and did not send it. It will be lost."_s);
    QCOMPARE(app.window().findChild<QPushButton *>(u"questionAccept"_s)->text(), u"Quit and lose it"_s);
    QTest::mouseClick(app.window().findChild<QPushButton *>(u"questionCancel"_s), Qt::LeftButton);
    QTRY_VERIFY(!question(app));
    QVERIFY(app.window().isVisible());
    // whoever ends the process from outside is not asked
    app.window().closeNow();
    QVERIFY(!app.window().isVisible());
}

void TestMainWindowWriting::nothingGoesToAnotherServer()
{
    ScriptedServer first;
    WindowUnderTest app;
    app.open(first.url().toString());
    QVERIFY(first.authenticate());
    QVERIFY(first.join(u"general"_s));
    QVERIFY(!first.expect(u"rooms"_s).isEmpty());
    QTRY_VERIFY(app.controller().connection().isReady());
    app.type(u"secret"_s);
    app.pressEnter();
    app.type(u"queued behind it"_s);
    app.pressEnter();
    app.type(u"a draft"_s);
    QTRY_VERIFY(first.hasFrame()); // never acknowledged

    app.window().connectTo(address(), u"Jun"_s, {});
    QCOMPARE(app.controller().unsent(), 0);
    QCOMPARE(app.controller().drafts(), 0);
    QTRY_VERIFY(app.controller().connection().isReady());
    QTRY_COMPARE(app.controller().currentRoom(), u"general"_s);
    QCOMPARE(app.said(), QStringList());
    QCOMPARE(app.child<QPlainTextEdit>("messageInput").toPlainText(), QString());
    app.type(u"hello"_s);
    app.pressEnter();
    QTRY_COMPARE(delivery(app, u"general"_s), MessageModel::Delivery::Sent);
    QCOMPARE(app.said(), QStringList{u"hello"_s});
    QTRY_COMPARE(first.closeCode().value_or(0), 1000);
}

/// What was sent and not confirmed is not called unsent, and cannot be taken back.
void TestMainWindowWriting::deletedOnlyHere()
{
    ScriptedServer server;
    WindowUnderTest app;
    app.open(server.url().toString());
    QVERIFY(server.authenticate());
    QVERIFY(server.join(u"general"_s));
    QVERIFY(!server.expect(u"rooms"_s).isEmpty());
    app.controller().send(u"perhaps"_s);
    QVERIFY(!server.expect(u"message"_s).isEmpty());
    server.stopListening();
    server.drop();
    QTRY_COMPARE(delivery(app, u"general"_s), MessageModel::Delivery::Unconfirmed);
    app.controller().send(u"never sent"_s);
    const MessageModel *messages = app.controller().messages(u"general"_s);
    const auto discardFirst = [&] {
        app.controller().discard(messages->index(0).data(MessageModel::CidRole).toString());
    };
    discardFirst();
    QCOMPARE(app.said(), QStringList{u"never sent"_s});
    QCOMPARE(
        app.child<QLabel>("noticeText").text(),
        u"Deleted only here: the message was sent, but not confirmed, and others may have it already."_s);
    app.child<QLabel>("noticeText").clear();
    discardFirst();
    QCOMPARE(app.said(), QStringList());
    QCOMPARE(app.child<QLabel>("noticeText").text(), QString());
}

void TestMainWindowWriting::ownNameBeforeTheFirstSession()
{
    const QString gone = address();
    m_server->kill();
    WindowUnderTest app;
    app.open(gone, u"Jun"_s, u"team"_s);
    app.type(u"kept"_s);
    app.pressEnter();
    const MessageModel *messages = app.controller().messages(u"team"_s);
    QCOMPARE(messages->index(0).data(MessageModel::NameRole).toString(), u"Jun"_s);
    QCOMPARE(app.child<QLabel>("roomSubtitle").text(), u"not joined yet"_s);
    QCOMPARE(app.child<QLabel>("memberCaption").text(), u"MEMBERS"_s);
}

void TestMainWindowWriting::aLongTextIsCounted()
{
    WindowUnderTest app;
    app.open(address());
    QTRY_VERIFY(app.controller().connection().isReady());
    auto &input = app.child<QPlainTextEdit>("messageInput");
    app.window().resize(480, 360);
    input.setPlainText(QString(100'000, u'x'));
    QCOMPARE(app.child<QLabel>("composerCount").text(), u"96,000 characters too many"_s);
    QVERIFY(!app.child<QPushButton>("sendButton").isEnabled());
    const auto &count = app.child<QLabel>("composerCount");
    QTRY_VERIFY(count.width() >= count.fontMetrics().horizontalAdvance(count.text()));
    QVERIFY2(input.width() >= 100, qPrintable(QString::number(input.width())));
    QVERIFY(app.save(u"too-long"_s));
}

PARLOR_TEST_WITHIN(QApplication, TestMainWindowWriting)
#include "tst_mainwindow_writing.moc"
