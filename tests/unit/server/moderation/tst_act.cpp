// SPDX-License-Identifier: MIT
#include "server/moderation/act.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;
using namespace std::chrono_literals;

namespace {

const Moderator kModerator{"mia", Rank::Moderator, 1'000'000ms};

request::Moderate asked(std::string_view action)
{
    request::Moderate request;
    request.action = action;
    return request;
}

} // namespace
Q_DECLARE_METATYPE(parlor::request::Moderate)

class TestAct : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void reads();
    void refuses_data();
    void refuses();
    void ranks();
};

void TestAct::reads()
{
    auto ban = asked("ban");
    ban.network = "192.0.2.0/24";
    ban.duration = 86'400'000ms;
    ban.reason = "enough";
    const auto banned = readAct(ban, kModerator);
    QVERIFY(banned);
    QVERIFY(banned->action == Act::Action::Ban);
    QCOMPARE(*banned->until, 1'000'000ms + 24h);
    QCOMPARE(banned->by, std::string("mia"));
    QCOMPARE(banned->reason, std::string("enough"));
    QCOMPARE(subjectOf(*banned), std::string("network:192.0.2.0/24"));

    auto mute = asked("mute");
    mute.user = "eve";
    mute.room = "General";
    const auto muted = readAct(mute, kModerator);
    QVERIFY(muted);
    QVERIFY(!muted->until);
    QCOMPARE(muted->room, std::string("general"));
    QCOMPARE(subjectOf(*muted), std::string("user:eve room:general"));
    mute.user = "eve room:\"b\"";
    QCOMPARE(subjectOf(readAct(mute, kModerator).value()),
             std::string(R"(user:"eve room:\"b\"" room:general)"));

    auto slow = asked("slow");
    slow.room = "general";
    slow.interval = 0ms;
    QVERIFY(readAct(slow, kModerator));
    for (const char *action : {"kick", "ban", "unban", "mute", "unmute", "slow"}) {
        auto each = asked(action);
        if (each.action == "slow")
            each = slow;
        else
            each.user = "eve";
        const auto act = readAct(each, kModerator);
        QVERIFY(act);
        QCOMPARE(QByteArray(toString(act->action).data()), QByteArray(action));
    }
}

void TestAct::refuses_data()
{
    QTest::addColumn<request::Moderate>("request");
    QTest::addColumn<QByteArray>("hint");
    static const std::string tooLong(401, 'x');
    const auto row = [](const char *name, std::string_view action, auto fill, const char *hint) {
        auto request = asked(action);
        fill(request);
        QTest::newRow(name) << request << QByteArray(hint);
    };
    using R = request::Moderate;
    row(
        "no action", "", [](R &) {}, "is no action");
    row(
        "another action", "Ban", [](R &) {}, "is no action");
    row(
        "kick nobody", "kick", [](R &) {}, "needs \"user\"");
    row(
        "nobody's name", "kick", [](R &r) { r.user = ""; }, "is no user");
    row(
        "a control", "kick", [](R &r) { r.user = "a\x1e"; }, "is no user");
    row(
        "kick from a room", "kick", [](R &r) { r.user = "eve", r.room = "general"; }, "has no \"room\"");
    row(
        "kick for a while", "kick", [](R &r) { r.user = "eve", r.duration = 5ms; }, "has no \"duration_ms\"");
    row(
        "kick a network", "kick", [](R &r) { r.network = "192.0.2.1"; }, "has no \"network\"");
    row(
        "ban nobody", "ban", [](R &) {}, "one of them");
    row(
        "ban both", "ban", [](R &r) { r.user = "eve", r.network = "192.0.2.1"; }, "one of them");
    row(
        "ban from a room", "ban", [](R &r) { r.user = "eve", r.room = "general"; }, "has no \"room\"");
    row(
        "ban no network", "ban", [](R &r) { r.network = "here"; }, "is no network");
    row(
        "ban the world", "ban", [](R &r) { r.network = "0.0.0.0/0"; }, "too wide");
    row(
        "ban much", "ban", [](R &r) { r.network = "10.0.0.0/7"; }, "too wide");
    row(
        "ban much of IPv6", "ban", [](R &r) { r.network = "2000::/15"; }, "too wide");
    row(
        "unban for a while", "unban", [](R &r) { r.user = "eve", r.duration = 5ms; }, "\"duration_ms\"");
    row(
        "no time", "ban", [](R &r) { r.user = "eve", r.duration = 0ms; }, "ten years");
    row(
        "too much time", "ban", [](R &r) { r.user = "eve", r.duration = std::chrono::milliseconds::max(); },
        "ten years");
    row(
        "mute nobody", "mute", [](R &) {}, "needs \"user\"");
    row(
        "mute in no room", "mute", [](R &r) { r.user = "eve", r.room = "no room"; }, "room");
    row(
        "slow nowhere", "slow", [](R &r) { r.interval = 1s; }, "needs \"room\"");
    row(
        "slow somebody", "slow", [](R &r) { r.user = "eve", r.room = "a", r.interval = 1s; },
        "has no \"user\"");
    row(
        "slow how", "slow", [](R &r) { r.room = "a"; }, "needs \"interval_ms\"");
    row(
        "too slow", "slow", [](R &r) { r.room = "a", r.interval = 25h; }, "a day");
    row(
        "mute slowly", "mute", [](R &r) { r.user = "eve", r.interval = 1s; }, "has no \"interval_ms\"");
    row(
        "two lines", "ban", [](R &r) { r.user = "eve", r.reason = "a\nb"; }, "one line");
    row(
        "a long reason", "ban", [](R &r) { r.user = "eve", r.reason = tooLong; }, "400 bytes");
}

void TestAct::refuses()
{
    QFETCH(request::Moderate, request);
    QFETCH(QByteArray, hint);
    const auto act = readAct(request, kModerator);
    QVERIFY(!act);
    QVERIFY2(act.error().text.find(hint.toStdString()) != std::string::npos, act.error().text.c_str());
    QVERIFY(act.error().code == ErrorCode::BadRequest || act.error().code == ErrorCode::RoomInvalid);
}

void TestAct::ranks()
{
    QVERIFY(reaches(rankOf(Role::Moderator), Role::Member));
    QVERIFY(!reaches(rankOf(Role::Moderator), Role::Moderator));
    QVERIFY(!reaches(rankOf(Role::Moderator), Role::Admin));
    QVERIFY(reaches(rankOf(Role::Admin), Role::Moderator));
    QVERIFY(!reaches(rankOf(Role::Admin), Role::Admin));
    QVERIFY(reaches(Rank::Server, Role::Admin));
}

PARLOR_TEST(TestAct)
#include "tst_act.moc"
