// SPDX-License-Identifier: MIT
// Messages that are deleted for everybody: by us, after a moment for a change of mind, and by others.
#include "client-gui/views/messageview.h"
#include "tests/gui/windowundertest.h"
#include "tests/support/testclass.h"
#include "tests/unit/shared/client/scriptedserver.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QJsonArray>
#include <QMenu>
#include <QTest>

using namespace parlor;
using namespace parlor::gui;
using namespace parlor::gui::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestMainWindowDeleting : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void deletesByTheMenu();
    void deletesByTheKeyboard();
    void takesItBack();
    void takesItBackByClick();
    void otherPeoplesMessagesStay();
    void moderatorsDeleteThoseToo();
    void asksAtOnceWhereTheConnectionEnds();
    void asksAtOnceWhereTheRoomIsLeft();
    void saysWhyItStays();
    void saysThatThereIsNoConnection();
    void becomesATombstone();
    void copiesAsWhatItIs();
    void tombstonesOfTheHistory();
    void addsNoUnread();
    void takesAMentionAway();
    void survivesTheProgram();
    void pictures_data();
    void pictures();

private:
    [[nodiscard]] MessageView &view() { return m_app->child<MessageView>("messageView"); }
    void start(Scheme scheme = Scheme::Light);
    /// Into `general`, where these were said.
    void enter(const QJsonArray &events, const QString &role = u"member"_s);
    [[nodiscard]] QVariant role(int row, MessageModel::Role role)
    {
        return m_app->controller().messages(u"general"_s)->index(row).data(role);
    }
    [[nodiscard]] QStringList menuOf(int row);
    void choose(int row, const QString &text);
    [[nodiscard]] static QJsonObject own(quint64 seq, const QString &content);
    [[nodiscard]] static QJsonObject deleted(quint64 seq, quint64 target, const QString &by = u"Rosa"_s);
    [[nodiscard]] static QJsonObject tombstone(quint64 seq);

    std::unique_ptr<QTemporaryDir> m_profile;
    std::unique_ptr<ScriptedServer> m_server;
    std::unique_ptr<WindowUnderTest> m_app;
};

void TestMainWindowDeleting::init()
{
    m_profile = std::make_unique<QTemporaryDir>();
    m_server = std::make_unique<ScriptedServer>();
    start();
}

void TestMainWindowDeleting::cleanup()
{
    m_app.reset();
    m_server.reset();
}

void TestMainWindowDeleting::start(Scheme scheme)
{
    m_app.reset();
    m_app = std::make_unique<WindowUnderTest>(scheme, WindowUnderTest::hastyOptions(), m_profile->path());
    m_app->controller().deletions().setPatience(1h);
}

void TestMainWindowDeleting::enter(const QJsonArray &events, const QString &role)
{
    m_app->open(m_server->url().toString());
    const QJsonObject auth = m_server->expect(u"auth"_s);
    m_server->answer(auth, {{u"type"_s, u"ack"_s},
                            {u"client_id"_s, u"me"_s},
                            {u"user"_s, u"me"_s},
                            {u"username"_s, u"Jun"_s},
                            {u"resumed"_s, false},
                            {u"resume"_s, u"r1"_s},
                            {u"resume_ttl_ms"_s, 1000000},
                            {u"role"_s, role}});
    const QJsonObject join = m_server->expect(u"join"_s);
    m_server->answer(join, {{u"type"_s, u"ack"_s}, {u"room"_s, u"general"_s}});
    const auto top = static_cast<quint64>(events.last().toObject().value(u"seq"_s).toInteger());
    m_server->send(syncFrame(top, events, false));
    QVERIFY(!m_server->expect(u"rooms"_s).isEmpty());
    QTRY_VERIFY(!m_app->said().isEmpty());
}

QJsonObject TestMainWindowDeleting::own(quint64 seq, const QString &content)
{
    QJsonObject frame = messageFrame(seq, content);
    frame[u"sender"_s] = frame[u"user"_s] = u"me"_s;
    frame[u"username"_s] = u"Jun"_s;
    return frame;
}

QJsonObject TestMainWindowDeleting::deleted(quint64 seq, quint64 target, const QString &by)
{
    return {
        {u"type"_s, u"deleted"_s},
        {u"room"_s, u"general"_s},
        {u"seq"_s, static_cast<qint64>(seq)},
        {u"id"_s, u"id%1"_s.arg(seq)},
        {u"target"_s, QJsonObject{{u"seq"_s, static_cast<qint64>(target)}, {u"id"_s, u"id%1"_s.arg(target)}}},
        {u"user"_s, QString(u"user-of-"_s + by)},
        {u"username"_s, by},
        {u"timestamp"_s, u"2026-01-31T12:05:00.000Z"_s}};
}

QJsonObject TestMainWindowDeleting::tombstone(quint64 seq)
{
    QJsonObject frame = messageFrame(seq, {});
    frame[u"deleted"_s] = QJsonObject{{u"seq"_s, static_cast<qint64>(seq + 1)},
                                      {u"id"_s, u"id%1"_s.arg(seq + 1)},
                                      {u"user"_s, u"user-of-Rosa"_s},
                                      {u"username"_s, u"Rosa"_s},
                                      {u"timestamp"_s, u"2026-01-31T12:05:00.000Z"_s}};
    return frame;
}

QStringList TestMainWindowDeleting::menuOf(int row)
{
    view().setCurrentIndex(view().model()->index(row, 0));
    QContextMenuEvent event(QContextMenuEvent::Keyboard, {}, {});
    QApplication::sendEvent(view().viewport(), &event);
    auto *menu = m_app->window().findChild<QMenu *>(u"messageMenu"_s);
    QStringList texts;
    for (const QAction *each : menu ? menu->actions() : QList<QAction *>())
        texts.append(each->text());
    if (menu)
        menu->close();
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    return texts;
}

void TestMainWindowDeleting::choose(int row, const QString &text)
{
    view().setCurrentIndex(view().model()->index(row, 0));
    QContextMenuEvent event(QContextMenuEvent::Keyboard, {}, {});
    QApplication::sendEvent(view().viewport(), &event);
    auto *menu = m_app->window().findChild<QMenu *>(u"messageMenu"_s);
    QVERIFY(menu);
    for (QAction *each : menu->actions()) {
        if (each->text() == text)
            each->trigger();
    }
    menu->close();
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
}

void TestMainWindowDeleting::deletesByTheMenu()
{
    m_app->controller().deletions().setPatience(0ms);
    enter({messageFrame(1, u"hello"_s), own(2, u"oops"_s)});
    choose(1, u"Delete for everybody"_s);
    const QJsonObject request = m_server->expect(u"delete"_s);
    QCOMPARE(request.value(u"room"_s), u"general"_s);
    QCOMPARE(request.value(u"seq"_s), 2);
    QCOMPARE(request.value(u"id"_s), u"id2"_s);
    QCOMPARE(m_app->said().at(1), u"oops"_s); // it is there until the server says so
    m_server->send(deleted(3, 2, u"Jun"_s));
    QTRY_COMPARE(m_app->said(), (QStringList{u"hello"_s, u"deleted by Jun"_s}));
}

void TestMainWindowDeleting::deletesByTheKeyboard()
{
    enter({messageFrame(1, u"hello"_s), own(2, u"oops"_s)});
    view().setCurrentIndex(view().model()->index(1, 0));
    QTest::keyClick(&view(), Qt::Key_Delete);
    QVERIFY(role(1, MessageModel::DeletingRole).toBool());
    QVERIFY(!role(1, MessageModel::DeletableRole).toBool());
    const QString spoken = view().model()->index(1, 0).data(Qt::AccessibleTextRole).toString();
    QVERIFY2(spoken.endsWith(u", is being deleted"_s), qPrintable(spoken));
    QTest::keyClick(&view(), Qt::Key_Delete); // once is enough
    m_app->controller().deletions().flush();
    QVERIFY(!m_server->expect(u"delete"_s).isEmpty());
}

void TestMainWindowDeleting::takesItBack()
{
    enter({messageFrame(1, u"hello"_s), own(2, u"oops"_s)});
    view().setCurrentIndex(view().model()->index(1, 0));
    QTest::keyClick(&view(), Qt::Key_Delete);
    QVERIFY(role(1, MessageModel::DeletingRole).toBool());
    QTest::keyClick(&view(), Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(!role(1, MessageModel::DeletingRole).toBool());
    choose(1, u"Delete for everybody"_s);
    choose(1, u"Undo the deletion"_s);
    QVERIFY(!role(1, MessageModel::DeletingRole).toBool());
    m_app->controller().deletions().flush();
    m_server->send(messageFrame(3, u"later"_s));
    QTRY_COMPARE(m_app->said().size(), 3);
    QVERIFY(!m_server->hasFrame());
}

void TestMainWindowDeleting::takesItBackByClick()
{
    enter({messageFrame(1, u"hello"_s), own(2, u"oops"_s)});
    choose(1, u"Delete for everybody"_s);
    QTest::keyClick(&view(), Qt::Key_Return);
    QVERIFY(!role(1, MessageModel::DeletingRole).toBool());
}

void TestMainWindowDeleting::otherPeoplesMessagesStay()
{
    enter({messageFrame(1, u"hello"_s), own(2, u"oops"_s)});
    QVERIFY(menuOf(1).contains(u"Delete for everybody"_s));
    QVERIFY(!menuOf(0).isEmpty());
    QVERIFY(!menuOf(0).contains(u"Delete for everybody"_s));
    view().setCurrentIndex(view().model()->index(0, 0));
    QTest::keyClick(&view(), Qt::Key_Delete);
    QVERIFY(!role(0, MessageModel::DeletingRole).toBool());
}

void TestMainWindowDeleting::moderatorsDeleteThoseToo()
{
    m_app->controller().deletions().setPatience(0ms);
    enter({messageFrame(1, u"hello"_s), own(2, u"oops"_s)}, u"moderator"_s);
    choose(0, u"Delete for everybody"_s);
    QCOMPARE(m_server->expect(u"delete"_s).value(u"id"_s), u"id1"_s);
}

void TestMainWindowDeleting::asksAtOnceWhereTheConnectionEnds()
{
    enter({own(1, u"oops"_s)});
    choose(0, u"Delete for everybody"_s);
    m_app->window().close();
    QCOMPARE(m_server->expect(u"delete"_s).value(u"id"_s), u"id1"_s);
}

void TestMainWindowDeleting::asksAtOnceWhereTheRoomIsLeft()
{
    enter({own(1, u"oops"_s)});
    choose(0, u"Delete for everybody"_s);
    m_app->controller().leaveRoom(u"general"_s);
    QCOMPARE(m_server->expect(u"delete"_s).value(u"id"_s), u"id1"_s);
    QVERIFY(!m_server->expect(u"leave"_s).isEmpty());
}

void TestMainWindowDeleting::saysWhyItStays()
{
    m_app->controller().deletions().setPatience(0ms);
    enter({own(1, u"oops"_s)});
    choose(0, u"Delete for everybody"_s);
    m_server->answer(m_server->expect(u"delete"_s), {{u"type"_s, u"error"_s},
                                                     {u"code"_s, u"bad_request"_s},
                                                     {u"message"_s, u"there is no such message"_s}});
    const auto &notice = m_app->child<QLabel>("noticeText");
    QTRY_COMPARE(notice.text(), u"The message was not deleted: There is no such message."_s);
    QVERIFY(!role(0, MessageModel::DeletingRole).toBool());
    QCOMPARE(m_app->said(), QStringList{u"oops"_s});
}

void TestMainWindowDeleting::saysThatThereIsNoConnection()
{
    enter({own(1, u"oops"_s)});
    choose(0, u"Delete for everybody"_s);
    m_server->stopListening();
    m_server->drop();
    QTRY_VERIFY(!m_app->controller().connection().isReady());
    m_app->controller().deletions().flush();
    const auto &notice = m_app->child<QLabel>("noticeText");
    QCOMPARE(notice.text(),
             u"The message may still be there: Not connected; try again when the connection is back."_s);
    QVERIFY(!role(0, MessageModel::DeletingRole).toBool());
}

void TestMainWindowDeleting::becomesATombstone()
{
    enter({messageFrame(1, u"hello"_s), messageFrame(2, u"something bad"_s)});
    m_server->send(deleted(3, 2));
    QTRY_COMPARE(m_app->said(), (QStringList{u"hello"_s, u"deleted by Rosa"_s}));
    QVERIFY(role(1, MessageModel::DeletedRole).toBool());
    QVERIFY(!role(1, MessageModel::DeletableRole).toBool());
    const QString spoken = view().model()->index(1, 0).data(Qt::AccessibleTextRole).toString();
    QVERIFY2(spoken.endsWith(u": deleted by Rosa"_s), qPrintable(spoken));
    // One of a message that is not here changes nothing.
    m_server->send(deleted(4, 77));
    m_server->send(messageFrame(5, u"and on"_s));
    QTRY_COMPARE(m_app->said(), (QStringList{u"hello"_s, u"deleted by Rosa"_s, u"and on"_s}));
}

void TestMainWindowDeleting::copiesAsWhatItIs()
{
    enter({messageFrame(1, u"something bad"_s)});
    m_server->send(deleted(2, 1));
    QTRY_COMPARE(m_app->said(), QStringList{u"deleted by Rosa"_s});
    choose(0, menuOf(0).first());
    view().selectAll();
    view().copySelection();
    const QString copied = QApplication::clipboard()->text();
    QVERIFY2(copied.contains(u"deleted by Rosa"_s) && !copied.contains(u"something bad"_s),
             qPrintable(copied));
}

void TestMainWindowDeleting::tombstonesOfTheHistory()
{
    enter({messageFrame(1, u"hello"_s), tombstone(2), deleted(3, 2), messageFrame(4, u"bye"_s)});
    QCOMPARE(m_app->said(), (QStringList{u"hello"_s, u"deleted by Rosa"_s, u"bye"_s}));
    QVERIFY(role(2, MessageModel::GapRole).toString().isEmpty());
}

void TestMainWindowDeleting::addsNoUnread()
{
    enter({messageFrame(1, u"one"_s), messageFrame(2, u"two"_s), messageFrame(3, u"three"_s)});
    QTRY_COMPARE(m_app->controller().rooms().totalUnread(), 0);
    m_app->controller().openRoom(u"other"_s);
    m_server->send(deleted(4, 1));
    m_server->send(deleted(5, 2));
    QTRY_COMPARE(m_app->controller().messages(u"general"_s)->index(1).data().toString(),
                 u"deleted by Rosa"_s);
    QCOMPARE(m_app->controller().rooms().totalUnread(), 0);
    m_server->send(messageFrame(6, u"new"_s));
    QTRY_COMPARE(m_app->controller().rooms().totalUnread(), 1); // and not those before it
    // One that is unread and then deleted stays to be seen, and the line of what is new stays above it.
    m_server->send(deleted(7, 6));
    QTRY_COMPARE(m_app->controller().messages(u"general"_s)->index(3).data().toString(),
                 u"deleted by Rosa"_s);
    QCOMPARE(m_app->controller().rooms().totalUnread(), 1);
    QVERIFY(role(3, MessageModel::MarkerRole).toBool());
}

void TestMainWindowDeleting::takesAMentionAway()
{
    enter({messageFrame(1, u"one"_s)});
    m_app->controller().openRoom(u"other"_s);
    m_server->send(messageFrame(2, u"@Jun look"_s));
    const auto mentions = [this] { return m_app->controller().messages(u"general"_s)->unread().mentions; };
    QTRY_COMPARE(mentions(), 1);
    m_server->send(deleted(3, 2));
    QTRY_COMPARE(mentions(), 0);
    QVERIFY(!role(1, MessageModel::MentionRole).toBool());
}

void TestMainWindowDeleting::survivesTheProgram()
{
    enter({messageFrame(1, u"one"_s), messageFrame(2, u"two"_s)});
    m_server->send(deleted(3, 1));
    QTRY_COMPARE(m_app->said(), (QStringList{u"deleted by Rosa"_s, u"two"_s}));
    const QString address = m_server->url().toString();
    m_server.reset();
    start();
    m_app->open(address);
    QCOMPARE(m_app->said(), (QStringList{u"deleted by Rosa"_s, u"two"_s}));
}

void TestMainWindowDeleting::pictures_data()
{
    QTest::addColumn<Scheme>("scheme");
    QTest::newRow("light") << Scheme::Light;
    QTest::newRow("dark") << Scheme::Dark;
}

void TestMainWindowDeleting::pictures()
{
    QFETCH(const Scheme, scheme);
    start(scheme);
    enter({messageFrame(1, u"Is the deploy done?"_s), messageFrame(2, u"something bad"_s),
           own(3, u"Yes, an hour ago"_s), own(4, u"with the wrong key: hunter2"_s),
           messageFrame(5, u"thanks"_s)},
          u"moderator"_s);
    m_server->send(deleted(6, 2));
    QTRY_COMPARE(m_app->said().at(1), u"deleted by Rosa"_s);
    choose(3, u"Delete for everybody"_s);
    QVERIFY(m_app->save(u"deleting-%1"_s.arg(QLatin1String(QTest::currentDataTag()))));
    m_app->window().resize(480, 480);
    QCoreApplication::processEvents(); // what wraps gets its height later
    QVERIFY(m_app->save(u"deleting-narrow-%1"_s.arg(QLatin1String(QTest::currentDataTag()))));
}

PARLOR_TEST_WITHIN(QApplication, TestMainWindowDeleting)
#include "tst_mainwindow_deleting.moc"
