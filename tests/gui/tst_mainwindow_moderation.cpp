// SPDX-License-Identifier: MIT
// What moderators do from the window, and what it shows of what they do to us.
#include "client-gui/views/messageview.h"
#include "client-gui/views/moderatedialog.h"
#include "tests/gui/windowundertest.h"
#include "tests/support/rawchat.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"
#include "tests/support/tokenissuer.h"
#include "tests/unit/shared/client/scriptedserver.h"

#include <QApplication>
#include <QComboBox>
#include <QContextMenuEvent>
#include <QJsonArray>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTest>
#include <QToolButton>

using namespace parlor;
using namespace parlor::gui;
using namespace parlor::gui::test;
using namespace parlor::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestMainWindowModeration : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void membersHaveNoMenus();
    void mutesFromTheMemberList_data();
    void mutesFromTheMemberList();
    void mutesFromAMessage();
    void asksBeforeAKick();
    void asksBeforeABan_data();
    void asksBeforeABan();
    void cancelDoesNothing();
    void aReasonThatTheServerTakes();
    void slowModeOfTheRoom();
    void saysWhatWasDone();
    void saysWhyItWasNotDone();
    void theRoleIsThatOfTheSession();

    void muted_data();
    void muted();
    void aMuteEnds();
    void aMuteOfAnotherRoom();
    void countsDownInSlowMode();
    void putOut_data();
    void putOut();
    void bannedAtTheDoor();
    void comesBackAfterAKick();
    void withARealServer();
    void pictures_data();
    void pictures();

private:
    void start(Scheme scheme = Scheme::Light);
    [[nodiscard]] bool admit(const QString &role);
    /// Into `general`, where Rosa is and has said something.
    void enter(const QString &role);
    /// Of the menu that opens at Rosa's row, by the path of its texts.
    [[nodiscard]] QAction *inMemberMenu(const QStringList &path);
    [[nodiscard]] static QAction *find(const QMenu *menu, const QStringList &path);
    [[nodiscard]] QMenu *openMessageMenu(int row);
    void answer(const QJsonObject &request)
    {
        m_server->answer(request, {{u"type"_s, u"ack"_s}, {u"action"_s, request.value(u"action"_s)}});
    }
    [[nodiscard]] QString notice()
    {
        const auto &label = m_app->child<QLabel>("noticeText");
        return label.isVisible() ? label.text() : QString();
    }
    [[nodiscard]] QString blocked()
    {
        const auto &label = m_app->child<QLabel>("composerBlocked");
        return label.isVisible() ? label.text() : QString();
    }
    [[nodiscard]] QPushButton &sendButton() { return m_app->child<QPushButton>("sendButton"); }

    std::chrono::milliseconds m_wall{};
    std::chrono::milliseconds m_steady{};
    std::unique_ptr<ScriptedServer> m_server;
    std::unique_ptr<WindowUnderTest> m_app;
};

void TestMainWindowModeration::initTestCase()
{
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
}

void TestMainWindowModeration::init()
{
    const QDateTime noon(QDate(2026, 3, 1), QTime(12, 0));
    m_wall = std::chrono::milliseconds(noon.toMSecsSinceEpoch());
    m_steady = 1h;
    m_server = std::make_unique<ScriptedServer>();
    start();
}

void TestMainWindowModeration::cleanup()
{
    m_app.reset();
    m_server.reset();
}

void TestMainWindowModeration::start(Scheme scheme)
{
    m_app.reset();
    ClientOptions options = WindowUnderTest::hastyOptions();
    options.clock.wall = [this] { return m_wall; };
    options.clock.steady = [this] { return m_steady; };
    m_app = std::make_unique<WindowUnderTest>(scheme, options);
}

bool TestMainWindowModeration::admit(const QString &role)
{
    const QJsonObject auth = m_server->expect(u"auth"_s);
    if (auth.isEmpty())
        return false;
    m_server->answer(auth, {{u"type"_s, u"ack"_s},
                            {u"client_id"_s, u"me"_s},
                            {u"user"_s, u"jun"_s},
                            {u"username"_s, u"Jun"_s},
                            {u"resumed"_s, false},
                            {u"resume"_s, u"r1"_s},
                            {u"resume_ttl_ms"_s, 1000000},
                            {u"role"_s, role}});
    return true;
}

void TestMainWindowModeration::enter(const QString &role)
{
    m_app->open(m_server->url().toString(), u"Jun"_s, u"general"_s);
    QVERIFY(admit(role));
    const QJsonObject join = m_server->expect(u"join"_s);
    m_server->answer(join, {{u"type"_s, u"ack"_s}, {u"room"_s, u"general"_s}});
    m_server->send(
        {{u"type"_s, u"room_users"_s},
         {u"room"_s, u"general"_s},
         {u"members"_s,
          QJsonArray{QJsonObject{{u"id"_s, u"me"_s}, {u"user"_s, u"jun"_s}, {u"username"_s, u"Jun"_s}},
                     QJsonObject{{u"id"_s, u"r"_s}, {u"user"_s, u"rosa"_s}, {u"username"_s, u"Rosa"_s}}}},
         {u"count"_s, 2},
         {u"truncated"_s, false}});
    QJsonObject said = messageFrame(1, u"buy cheap watches"_s);
    said[u"user"_s] = u"rosa"_s;
    said[u"username"_s] = u"Rosa"_s;
    m_server->send(syncFrame(1, {said}, false));
    QVERIFY(!m_server->expect(u"rooms"_s).isEmpty());
    QTRY_COMPARE(m_app->said().size(), 1);
}

QAction *TestMainWindowModeration::find(const QMenu *menu, const QStringList &path)
{
    for (const QString &each : path) {
        const auto actions = menu->actions();
        const auto it = std::ranges::find(actions, each, &QAction::text);
        if (it == actions.end())
            return nullptr;
        if (!(*it)->menu())
            return *it;
        menu = (*it)->menu();
    }
    return nullptr;
}

QAction *TestMainWindowModeration::inMemberMenu(const QStringList &path)
{
    auto &list = m_app->child<QListView>("userList");
    const int rows = list.model()->rowCount();
    for (int row = 0; row < rows; ++row) {
        if (list.model()->index(row, 0).data(MemberListModel::UserRole).toString() != u"rosa"_s)
            continue;
        list.setCurrentIndex(list.model()->index(row, 0));
        Q_EMIT list.customContextMenuRequested(list.visualRect(list.currentIndex()).center());
    }
    const auto *menu = m_app->window().findChild<QMenu *>(u"memberMenu"_s);
    return menu ? find(menu, path) : nullptr;
}

QMenu *TestMainWindowModeration::openMessageMenu(int row)
{
    auto &view = m_app->child<MessageView>("messageView");
    view.setCurrentIndex(view.model()->index(row, 0));
    QContextMenuEvent event(QContextMenuEvent::Keyboard, {}, {});
    QApplication::sendEvent(view.viewport(), &event);
    return m_app->window().findChild<QMenu *>(u"messageMenu"_s);
}

void TestMainWindowModeration::membersHaveNoMenus()
{
    enter(u"member"_s);
    QVERIFY(!inMemberMenu({u"Kick…"_s}));
    QVERIFY(!m_app->window().findChild<QMenu *>(u"memberMenu"_s));
    const QMenu *menu = openMessageMenu(0);
    QVERIFY(menu);
    for (const QAction *each : menu->actions())
        QVERIFY2(!each->text().contains(u"Moderate"_s) && !each->text().contains(u"everybody"_s),
                 qPrintable(each->text()));
    for (const QAction *each : m_app->child<QToolButton>("roomMenuButton").menu()->actions())
        QVERIFY2(!each->text().contains(u"Slow"_s), qPrintable(each->text()));
}

void TestMainWindowModeration::mutesFromTheMemberList_data()
{
    QTest::addColumn<QStringList>("path");
    QTest::addColumn<QString>("action");
    QTest::addColumn<qint64>("duration");
    const QString mute = u"Mute in #general"_s;
    QTest::newRow("10 minutes") << QStringList{mute, u"For 10 minutes"_s} << u"mute"_s << qint64{600'000};
    QTest::newRow("1 hour") << QStringList{mute, u"For 1 hour"_s} << u"mute"_s << qint64{3'600'000};
    QTest::newRow("1 day") << QStringList{mute, u"For 1 day"_s} << u"mute"_s << qint64{86'400'000};
    QTest::newRow("for ever") << QStringList{mute, u"For ever"_s} << u"mute"_s << qint64{0};
    QTest::newRow("unmute") << QStringList{u"Unmute in #general"_s} << u"unmute"_s << qint64{0};
}

void TestMainWindowModeration::mutesFromTheMemberList()
{
    QFETCH(const QStringList, path);
    QFETCH(const QString, action);
    QFETCH(const qint64, duration);
    enter(u"moderator"_s);
    QAction *chosen = inMemberMenu(path);
    QVERIFY(chosen);
    chosen->trigger();
    const QJsonObject request = m_server->expect(u"moderate"_s);
    QCOMPARE(request.value(u"action"_s), action);
    QCOMPARE(request.value(u"user"_s), u"rosa"_s);
    QCOMPARE(request.value(u"room"_s), u"general"_s);
    QCOMPARE(request.contains(u"duration_ms"_s), duration != 0);
    QCOMPARE(request.value(u"duration_ms"_s).toInteger(), duration);
}

void TestMainWindowModeration::mutesFromAMessage()
{
    enter(u"moderator"_s);
    const QMenu *menu = openMessageMenu(0);
    QVERIFY(menu);
    QAction *chosen = find(menu, {u"Moderate Rosa"_s, u"Mute in #general"_s, u"For 1 hour"_s});
    QVERIFY(chosen);
    chosen->trigger();
    QCOMPARE(m_server->expect(u"moderate"_s).value(u"user"_s), u"rosa"_s);
}

void TestMainWindowModeration::asksBeforeAKick()
{
    enter(u"moderator"_s);
    inMemberMenu({u"Kick…"_s})->trigger();
    auto *dialog = m_app->window().findChild<ModerateDialog *>();
    QVERIFY(dialog);
    QCOMPARE(dialog->windowTitle(), u"Kick Rosa?"_s);
    QVERIFY(!m_app->child<QComboBox>("moderateDuration").isVisible());
    QVERIFY(!m_server->hasFrame());
    m_app->child<QLineEdit>("moderateReason").setText(u" spam "_s);
    m_app->child<QPushButton>("moderateAccept").click();
    const QJsonObject request = m_server->expect(u"moderate"_s);
    QCOMPARE(request.value(u"action"_s), u"kick"_s);
    QCOMPARE(request.value(u"user"_s), u"rosa"_s);
    QCOMPARE(request.value(u"reason"_s), u"spam"_s);
    QVERIFY(!request.contains(u"duration_ms"_s) && !request.contains(u"room"_s));
}

void TestMainWindowModeration::asksBeforeABan_data()
{
    QTest::addColumn<int>("choice");
    QTest::addColumn<qint64>("duration");
    QTest::newRow("1 hour") << 0 << qint64{3'600'000};
    QTest::newRow("1 day, if nothing is chosen") << -1 << qint64{86'400'000};
    QTest::newRow("1 week") << 2 << qint64{604'800'000};
    QTest::newRow("for ever") << 3 << qint64{0};
}

void TestMainWindowModeration::asksBeforeABan()
{
    QFETCH(const int, choice);
    QFETCH(const qint64, duration);
    enter(u"admin"_s);
    inMemberMenu({u"Ban…"_s})->trigger();
    auto &combo = m_app->child<QComboBox>("moderateDuration");
    QVERIFY(combo.isVisible());
    if (choice >= 0)
        combo.setCurrentIndex(choice);
    m_app->child<QPushButton>("moderateAccept").click();
    const QJsonObject request = m_server->expect(u"moderate"_s);
    QCOMPARE(request.value(u"action"_s), u"ban"_s);
    QCOMPARE(request.value(u"user"_s), u"rosa"_s);
    QCOMPARE(request.value(u"duration_ms"_s).toInteger(), duration);
    QVERIFY(!request.contains(u"reason"_s));
}

void TestMainWindowModeration::cancelDoesNothing()
{
    enter(u"moderator"_s);
    inMemberMenu({u"Ban…"_s})->trigger();
    QTest::keyClick(m_app->window().findChild<ModerateDialog *>(), Qt::Key_Return); // Cancel is the default
    QTRY_VERIFY(!m_app->window().findChild<ModerateDialog *>());
    m_server->send(messageFrame(2, u"later"_s));
    QTRY_COMPARE(m_app->said().size(), 2);
    QVERIFY(!m_server->hasFrame());
}

/// It reads at most 400 bytes.
void TestMainWindowModeration::aReasonThatTheServerTakes()
{
    enter(u"moderator"_s);
    inMemberMenu({u"Kick…"_s})->trigger();
    auto &reason = m_app->child<QLineEdit>("moderateReason");
    reason.insert(QString(500, QChar(0x4e2d)));
    QVERIFY(reason.text().size() > 100);
    QVERIFY2(reason.text().toUtf8().size() <= 400,
             qPrintable(QString::number(reason.text().toUtf8().size())));
}

void TestMainWindowModeration::slowModeOfTheRoom()
{
    enter(u"moderator"_s);
    const QMenu *menu = m_app->child<QToolButton>("roomMenuButton").menu();
    QAction *chosen = find(menu, {u"Slow mode: one message a person in"_s, u"30 seconds"_s});
    QVERIFY(chosen);
    chosen->trigger();
    const QJsonObject request = m_server->expect(u"moderate"_s);
    QCOMPARE(request.value(u"action"_s), u"slow"_s);
    QCOMPARE(request.value(u"room"_s), u"general"_s);
    QCOMPARE(request.value(u"interval_ms"_s), 30'000);
    answer(request);
    QTRY_COMPARE(notice(), u"Slow mode is on in #general: everybody writes once in 30 s."_s);
    find(menu, {u"Slow mode: one message a person in"_s, u"Off"_s})->trigger();
    const QJsonObject off = m_server->expect(u"moderate"_s);
    QCOMPARE(off.value(u"interval_ms"_s), 0);
    answer(off);
    QTRY_COMPARE(notice(), u"Slow mode is off in #general."_s);
}

void TestMainWindowModeration::saysWhatWasDone()
{
    enter(u"moderator"_s);
    inMemberMenu({u"Mute in #general"_s, u"For 1 hour"_s})->trigger();
    answer(m_server->expect(u"moderate"_s));
    QTRY_COMPARE(notice(), u"Rosa is muted in #general."_s);
    QCOMPARE(m_app->child<QWidget>("notice").property("mood"), u"good"_s);
}

void TestMainWindowModeration::saysWhyItWasNotDone()
{
    enter(u"moderator"_s);
    inMemberMenu({u"Mute in #general"_s, u"For ever"_s})->trigger();
    m_server->answer(
        m_server->expect(u"moderate"_s),
        {{u"type"_s, u"error"_s}, {u"code"_s, u"forbidden"_s}, {u"message"_s, u"she is an admin"_s}});
    QTRY_COMPARE(notice(), u"Rosa was not muted: She is an admin."_s);
    QVERIFY(m_app->child<QWidget>("notice").property("mood").toString().isEmpty());
}

void TestMainWindowModeration::theRoleIsThatOfTheSession()
{
    enter(u"moderator"_s);
    QVERIFY(m_app->controller().isModerating());
    m_server->drop();
    QVERIFY(admit(u"member"_s));
    QTRY_VERIFY(!m_app->controller().isModerating());
    QVERIFY(!inMemberMenu({u"Kick…"_s}));
}

void TestMainWindowModeration::muted_data()
{
    QTest::addColumn<QJsonObject>("fields");
    QTest::addColumn<QString>("text");
    const auto at = [](const QTime &time, int day) {
        return QJsonValue(QDateTime(QDate(2026, 3, day), time).toMSecsSinceEpoch());
    };
    QTest::newRow("for ever") << QJsonObject{{u"room"_s, u"general"_s}} << u"You are muted in #general."_s;
    QTest::newRow("with a reason") << QJsonObject{{u"room"_s, u"general"_s}, {u"reason"_s, u"watches"_s}}
                                   << u"You are muted in #general: watches"_s;
    QTest::newRow("until today") << QJsonObject{{u"room"_s, u"general"_s},
                                                {u"until"_s, at({14, 5}, 1)},
                                                {u"reason"_s, u"watches"_s}}
                                 << u"You are muted in #general until 14:05: watches"_s;
    QTest::newRow("until another day, everywhere")
        << QJsonObject{{u"until"_s, at({14, 5}, 2)}}
        << u"You are muted in all rooms until 02/03/2026, 14:05."_s;
}

void TestMainWindowModeration::muted()
{
    QFETCH(QJsonObject, fields);
    QFETCH(const QString, text);
    enter(u"member"_s);
    m_app->type(u"but I"_s);
    QVERIFY(!m_server->expect(u"typing"_s).isEmpty());
    fields[u"type"_s] = u"moderated"_s;
    fields[u"action"_s] = u"mute"_s;
    m_server->send(fields);
    QTRY_COMPARE(blocked(), text);
    QVERIFY(!sendButton().isEnabled());
    m_app->pressEnter();
    m_app->type(u" did nothing"_s);
    QCOMPARE(m_app->child<QPlainTextEdit>("messageInput").toPlainText(), u"but I did nothing"_s);
    QCOMPARE(m_app->child<QPlainTextEdit>("messageInput").accessibleDescription(), text);
    QCOMPARE(m_app->controller().unsent(), 0);
    QVERIFY(!m_server->hasFrame()); // nor that we are typing

    fields[u"action"_s] = u"unmute"_s;
    m_server->send(fields);
    QTRY_VERIFY(blocked().isEmpty());
    QVERIFY(sendButton().isEnabled());
    m_app->pressEnter();
    QVERIFY(!m_server->expect(u"typing"_s).isEmpty());
    QCOMPARE(m_server->expect(u"message"_s).value(u"content"_s), u"but I did nothing"_s);
}

void TestMainWindowModeration::aMuteEnds()
{
    enter(u"member"_s);
    m_server->send({{u"type"_s, u"moderated"_s},
                    {u"action"_s, u"mute"_s},
                    {u"room"_s, u"general"_s},
                    {u"until"_s, static_cast<qint64>((m_wall + 1min).count())}});
    QTRY_COMPARE(blocked(), u"You are muted in #general until 12:01."_s);
    m_wall += 1min;
    QTRY_VERIFY(blocked().isEmpty());
}

void TestMainWindowModeration::aMuteOfAnotherRoom()
{
    enter(u"member"_s);
    m_server->send({{u"type"_s, u"moderated"_s}, {u"action"_s, u"mute"_s}, {u"room"_s, u"lobby"_s}});
    m_server->send(messageFrame(2, u"later"_s));
    QTRY_COMPARE(m_app->said().size(), 2);
    QVERIFY(blocked().isEmpty());
    m_app->controller().openRoom(u"lobby"_s);
    QCOMPARE(blocked(), u"You are muted in #lobby."_s);
    m_app->controller().openRoom(u"general"_s);
    QVERIFY(blocked().isEmpty());
}

void TestMainWindowModeration::countsDownInSlowMode()
{
    enter(u"member"_s);
    m_app->type(u"again"_s);
    m_app->pressEnter();
    QVERIFY(!m_server->expect(u"typing"_s).isEmpty());
    QVERIFY(!m_server->expect(u"typing"_s).isEmpty());
    m_server->answer(m_server->expect(u"message"_s), {{u"type"_s, u"error"_s},
                                                      {u"code"_s, u"rate_limited"_s},
                                                      {u"message"_s, u"slow mode"_s},
                                                      {u"retry_ms"_s, 30'000}});
    QTRY_COMPARE(blocked(), u"Slow mode: you can write again in 30 s."_s);
    QVERIFY(!sendButton().isEnabled());
    QCOMPARE(m_app->said().last(), u"again"_s);
    m_steady += 10s;
    QTRY_COMPARE(blocked(), u"Slow mode: you can write again in 20 s."_s);
    m_steady += 20s;
    QTRY_VERIFY(blocked().isEmpty());
}

void TestMainWindowModeration::putOut_data()
{
    QTest::addColumn<quint16>("code");
    QTest::addColumn<QString>("reason");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("button");
    QTest::newRow("banned")
        << quint16{4004} << u"you are banned until 2026-03-02T12:00:00.000Z: watches"_s
        << u"You are banned. HOST said: you are banned until 2026-03-02T12:00:00.000Z: watches. "
           "Only its moderators can end this sooner."_s
        << u"Connect…"_s;
    QTest::newRow("kicked") << quint16{4005} << u"watches"_s
                            << u"You were kicked. HOST said: watches. You can come back."_s << u"Come back"_s;
    QTest::newRow("kicked without a word")
        << quint16{4005} << QString() << u"You were kicked. You can come back."_s << u"Come back"_s;
    QTest::newRow("not allowed") << quint16{4003} << u"members only"_s
                                 << u"Not connected. Not allowed. The server said: members only"_s
                                 << u"Connect…"_s;
    QTest::newRow("too late")
        << quint16{4008} << u"no token came within 10 s"_s
        << u"Not connected. No credentials came in time. The server said: no token came within 10 s"_s
        << u"Retry now"_s;
}

void TestMainWindowModeration::putOut()
{
    QFETCH(const quint16, code);
    QFETCH(const QString, reason);
    QFETCH(QString, text);
    QFETCH(const QString, button);
    enter(u"member"_s);
    m_server->close(code, reason);
    QTRY_COMPARE(m_app->banner(), text.replace(u"HOST"_s, u"127.0.0.1:%1"_s.arg(m_server->url().port())));
    const auto &action = m_app->child<QPushButton>("retryButton");
    QVERIFY(action.isVisible());
    QCOMPARE(action.text(), button);
    QCOMPARE(m_server->connections(), 1);
}

void TestMainWindowModeration::bannedAtTheDoor()
{
    m_app->open(m_server->url().toString());
    m_server->answer(
        m_server->expect(u"auth"_s),
        {{u"type"_s, u"error"_s}, {u"code"_s, u"banned"_s}, {u"message"_s, u"you are banned: watches"_s}});
    QTRY_COMPARE(m_app->banner(),
                 u"Not connected. 127.0.0.1:%1 refused to let us in: you are banned: watches."_s.arg(
                     m_server->url().port()));
}

void TestMainWindowModeration::comesBackAfterAKick()
{
    enter(u"member"_s);
    m_server->close(4005, u"watches"_s);
    QTRY_VERIFY(!m_app->banner().isEmpty());
    m_app->child<QPushButton>("retryButton").click();
    QVERIFY(admit(u"member"_s));
    QTRY_VERIFY(m_app->controller().connection().isReady());
}

void TestMainWindowModeration::withARealServer()
{
    const TokenIssuer issuer;
    const QStringList unhurried{u"--rate"_s, u"1000"_s, u"--burst"_s, u"1000"_s}; // a person takes longer
    ServerProcess server({.program = u"parlor-server"_s, .arguments = issuer.arguments() + unhurried});
    PARLOR_EXPECT(server.start());
    const QString address = u"127.0.0.1:%1"_s.arg(server.port());
    WindowUnderTest moderator;
    moderator.controller().signIn().setProgramSource(std::make_shared<GivenToken>(QString::fromLatin1(
        issuer.token(u"zoe"_s, {{u"name"_s, u"Zoë"_s}, {u"roles"_s, QJsonArray{u"moderator"_s}}}))));
    WindowUnderTest member;
    member.controller().signIn().setProgramSource(
        std::make_shared<GivenToken>(QString::fromLatin1(issuer.token(u"ann"_s, {{u"name"_s, u"Ann"_s}}))));
    moderator.open(address, {}, u"general"_s);
    QTRY_VERIFY(moderator.controller().isModerating());
    member.open(address, {}, u"general"_s);
    QTRY_VERIFY(member.controller().connection().isReady());
    QCOMPARE(member.controller().username(), u"Ann"_s);
    member.type(u"buy cheap watches"_s);
    member.pressEnter();
    QTRY_COMPARE(moderator.said(), QStringList{u"buy cheap watches"_s});

    // Her message goes, for both of them.
    auto &view = moderator.child<MessageView>("messageView");
    view.setCurrentIndex(view.model()->index(0, 0));
    QTest::keyClick(&view, Qt::Key_Delete);
    moderator.controller().deletions().flush();
    QTRY_COMPARE(moderator.said(), QStringList{u"deleted by Zoë"_s});
    QTRY_COMPARE(member.said(), QStringList{u"deleted by Zoë"_s});

    // She is muted while she writes, and let speak again.
    member.type(u"and"_s);
    using Action = ModerationAct::Action;
    const auto act = [&moderator](const ModerationAct &what) {
        moderator.controller().moderate(what, u"Ann"_s);
    };
    act({.action = Action::Mute, .user = u"ann"_s, .room = u"general"_s, .reason = u"watches"_s});
    QTRY_COMPARE(member.child<QLabel>("composerBlocked").text(), u"You are muted in #general: watches"_s);
    member.type(u" bags"_s);
    act({.action = Action::Unmute, .user = u"ann"_s, .room = u"general"_s});
    QTRY_VERIFY(member.child<QLabel>("composerBlocked").text().isEmpty());
    QVERIFY(
        !member.child<QLabel>("noticeText").isVisible()); // the window asked nothing that a muted one may not

    // She is kicked, comes back, and is banned.
    act({.action = Action::Kick, .user = u"ann"_s, .reason = u"watches"_s});
    QTRY_COMPARE(member.banner(), u"You were kicked. %1 said: watches. You can come back."_s.arg(address));
    member.child<QPushButton>("retryButton").click();
    QTRY_VERIFY(member.controller().connection().isReady());
    act({.action = Action::Ban, .user = u"ann"_s});
    QTRY_VERIFY2(member.banner().startsWith(u"You are banned."_s),
                 qPrintable(member.banner() + moderator.child<QLabel>("noticeText").text()));
    member.controller().retryNow();
    QTRY_VERIFY2(member.banner().contains(u"refused to let us in: you are banned"_s),
                 qPrintable(member.banner()));
    PARLOR_EXPECT(server.stop());
}

void TestMainWindowModeration::pictures_data()
{
    QTest::addColumn<Scheme>("scheme");
    QTest::newRow("light") << Scheme::Light;
    QTest::newRow("dark") << Scheme::Dark;
}

void TestMainWindowModeration::pictures()
{
    QFETCH(const Scheme, scheme);
    const QString name = QString::fromLatin1(QTest::currentDataTag());
    start(scheme);
    enter(u"moderator"_s);
    inMemberMenu({u"Mute in #general"_s, u"For 1 hour"_s})->trigger();
    answer(m_server->expect(u"moderate"_s));
    QTRY_VERIFY(!notice().isEmpty());
    m_server->send({{u"type"_s, u"moderated"_s},
                    {u"action"_s, u"mute"_s},
                    {u"room"_s, u"general"_s},
                    {u"until"_s, static_cast<qint64>((m_wall + 2h).count())},
                    {u"reason"_s, u"watches are sold elsewhere"_s}});
    QTRY_VERIFY(!blocked().isEmpty());
    QVERIFY(m_app->save(u"muted-%1"_s.arg(name)));
    inMemberMenu({u"Ban…"_s})->trigger();
    auto *dialog = m_app->window().findChild<ModerateDialog *>();
    QVERIFY(dialog);
    for (const QLabel *each : dialog->findChildren<QLabel *>()) // all of each text is to be seen
        QVERIFY2(each->height() >= each->heightForWidth(each->width()), qPrintable(each->text()));
    QVERIFY(m_app->save(*dialog, u"ban-%1"_s.arg(name)));
    dialog->reject();
    m_server->close(4004, u"you are banned until 2026-03-02T12:00:00.000Z: watches"_s);
    QTRY_VERIFY(!m_app->banner().isEmpty());
    m_app->window().resize(480, 480);
    QCoreApplication::processEvents(); // what wraps gets its height later
    QVERIFY(m_app->save(u"banned-%1"_s.arg(name)));
}

PARLOR_TEST_WITHIN(QApplication, TestMainWindowModeration)
#include "tst_mainwindow_moderation.moc"
