// SPDX-License-Identifier: MIT
// Who somebody is can be seen: by a name, and by a colour that stays.
#include "client-gui/look/avatar.h"
#include "tests/gui/windowundertest.h"
#include "tests/support/testclass.h"
#include "tests/unit/shared/client/scriptedserver.h"

#include <QApplication>
#include <QJsonArray>
#include <QLineEdit>
#include <QTest>

using namespace parlor;
using namespace parlor::gui;
using namespace parlor::gui::test;
using namespace Qt::StringLiterals;

class TestMainWindowPeople : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void onePersonHasOneColour();
    void twoOfOneNameHaveTwo();
    void aGuestHasAName();
    void oneselfAsAGuest();

private:
    static constexpr QLatin1String kGuest{"01M8H1DQ6GZX3K9V5T2B8R7F3K"};
    [[nodiscard]] static QJsonObject member(const QString &id, const QString &name)
    {
        return {{u"id"_s, id}, {u"user"_s, id}, {u"username"_s, name}};
    }
    void say(quint64 seq, const QString &session, const QString &name, const QString &text = u"hi"_s);
    void presence(const QJsonArray &joined, const QStringList &left);
    [[nodiscard]] QColor rowColor(int row)
    {
        const auto key = m_app->controller().messages(u"general"_s)->index(row).data(MessageModel::HueRole);
        return hueOf(key.toString()).fill;
    }
    /// Of the members who are called so.
    [[nodiscard]] QList<QColor> memberColors(const QString &name);

    std::unique_ptr<ScriptedServer> m_server;
    std::unique_ptr<WindowUnderTest> m_app;
};

void TestMainWindowPeople::init()
{
    m_server = std::make_unique<ScriptedServer>();
    m_app = std::make_unique<WindowUnderTest>();
    m_app->open(m_server->url().toString());
    QVERIFY(m_server->authenticate());
    QVERIFY(m_server->join(u"general"_s));
    QTRY_VERIFY(m_app->controller().members(u"general"_s)->isKnown());
}

void TestMainWindowPeople::cleanup()
{
    m_app.reset();
    m_server.reset();
}

void TestMainWindowPeople::say(quint64 seq, const QString &session, const QString &name, const QString &text)
{
    QJsonObject frame = messageFrame(seq, text);
    frame[u"sender"_s] = session;
    frame[u"user"_s] = session;
    frame[u"username"_s] = name;
    m_server->send(frame);
    QTRY_COMPARE(m_app->said().size(), static_cast<qsizetype>(seq));
}

void TestMainWindowPeople::presence(const QJsonArray &joined, const QStringList &left)
{
    QJsonArray gone;
    for (const QString &each : left)
        gone.append(QJsonObject{{u"id"_s, each}, {u"reason"_s, u"left"_s}});
    const auto count =
        static_cast<qint64>(m_app->controller().members(u"general"_s)->count()) + joined.size() - gone.size();
    m_server->send({{u"type"_s, u"presence"_s},
                    {u"room"_s, u"general"_s},
                    {u"joined"_s, joined},
                    {u"left"_s, gone},
                    {u"count"_s, count}});
    QTRY_COMPARE(m_app->controller().members(u"general"_s)->count(), static_cast<quint64>(count));
}

QList<QColor> TestMainWindowPeople::memberColors(const QString &name)
{
    QList<QColor> colors;
    const MemberListModel *members = m_app->controller().members(u"general"_s);
    for (int row = 0; row < members->rowCount(); ++row) {
        if (members->index(row).data(MemberListModel::NameRole).toString() == name)
            colors.append(hueOf(members->index(row).data(MemberListModel::HueRole).toString()).fill);
    }
    return colors;
}

void TestMainWindowPeople::onePersonHasOneColour()
{
    say(1, u"a1"_s, u"Bob"_s);
    say(2, u"a2"_s, u"Bob"_s);
    presence({member(u"a3"_s, u"Bob"_s)}, {});
    QVERIFY(hueOf(u"a1"_s).fill != hueOf(u"a2"_s).fill);
    QCOMPARE(rowColor(0), rowColor(1));
    QCOMPARE(memberColors(u"Bob"_s), QList<QColor>{rowColor(0)});
}

void TestMainWindowPeople::twoOfOneNameHaveTwo()
{
    presence({member(u"a1"_s, u"Bob"_s), member(u"b"_s, u"Rosa"_s)}, {});
    say(1, u"a1"_s, u"Bob"_s);
    say(2, u"a2"_s, u"Bob"_s);
    const QColor one = rowColor(0);
    presence({member(u"a2"_s, u"Bob"_s)}, {});
    QVERIFY(rowColor(0) != rowColor(1));
    QCOMPARE(memberColors(u"Bob"_s), (QList<QColor>{rowColor(0), rowColor(1)}));
    presence({}, {u"a2"_s});
    QCOMPARE(rowColor(0), one);
    QCOMPARE(rowColor(1), one);
    // also if somebody takes the name
    m_server->send({{u"type"_s, u"user_updated"_s},
                    {u"room"_s, u"general"_s},
                    {u"id"_s, u"b"_s},
                    {u"username"_s, u"Bob"_s}});
    QTRY_VERIFY(rowColor(0) != rowColor(1));
    QCOMPARE(memberColors(u"Bob"_s).size(), 2);
}

void TestMainWindowPeople::aGuestHasAName()
{
    presence({member(kGuest, kGuest)}, {});
    say(1, kGuest, kGuest);
    const QModelIndex row = m_app->controller().messages(u"general"_s)->index(0);
    QVERIFY(row.data(Qt::AccessibleTextRole).toString().startsWith(u"Guest 7F3K, "_s));
    QCOMPARE(memberColors(u"Guest 7F3K"_s), QList<QColor>{rowColor(0)});
    QCOMPARE(initials(u"Guest 7F3K"_s), u"G7"_s);
    m_server->send({{u"type"_s, u"typing"_s},
                    {u"room"_s, u"general"_s},
                    {u"id"_s, kGuest},
                    {u"username"_s, kGuest},
                    {u"on"_s, true}});
    QTRY_COMPARE(m_app->child<QLabel>("typingText").text(), u"Guest 7F3K is typing…"_s);
    QVERIFY(m_app->save(u"guest"_s));
}

void TestMainWindowPeople::oneselfAsAGuest()
{
    m_app->controller().messages(u"general"_s)->setSelf({kGuest, kGuest, kGuest, false});
    say(1, u"a1"_s, u"Bob"_s, u"hello @Guest 7F3K!"_s);
    QVERIFY(m_app->controller().messages(u"general"_s)->index(0).data(MessageModel::MentionRole).toBool());
}

PARLOR_TEST_WITHIN(QApplication, TestMainWindowPeople)
#include "tst_mainwindow_people.moc"
