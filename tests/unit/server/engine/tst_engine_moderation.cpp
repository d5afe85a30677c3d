// SPDX-License-Identifier: MIT
// What moderators do, as every engine has it.
#include "tests/support/testclass.h"
#include "tests/unit/server/engine/engineprobe.h"

#include <QTest>

#include <algorithm>

using namespace parlor;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

namespace {

constexpr std::chrono::milliseconds kNow{1'700'000'000'000};

Act actOn(Act::Action action, std::string user)
{
    Act act;
    act.action = action;
    act.user = std::move(user);
    act.by = "mia";
    act.reason = "enough";
    act.at = kNow;
    return act;
}

} // namespace

class TestEngineModeration : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void whatIsImposedIsToldToAll();
    void whatIsRefused();
    void aKickIsToldToAll();
    void aSlowRoom();
    void whoMayNotMakeARoom();

private:
    void moderate(const Act &act) { m_engine->moderate(m_mia->caller, 7, act); }

    void gather(ProbePort &port)
    {
        for (std::string &each : port.take())
            m_told.push_back(std::move(each));
    }
    /// Whether this was told, or will be.
    bool told(ProbePort &port, const std::string &line)
    {
        return QTest::qWaitFor([&] {
            gather(port);
            return std::ranges::find(m_told, line) != m_told.end();
        });
    }

    Lines m_told;
    ProbePort m_port;
    ProbePort m_other;
    std::unique_ptr<Engine> m_engine;
    std::unique_ptr<ProbeSession> m_mia;
};

void TestEngineModeration::init()
{
    m_told.clear();
    m_engine = makeEngine();
    m_engine->addPort(m_port);
    m_engine->addPort(m_other);
    m_mia = std::make_unique<ProbeSession>(*m_engine, m_port, "mia");
    (void)m_port.take();
    (void)m_other.take();
}

void TestEngineModeration::whatIsImposedIsToldToAll()
{
    moderate(actOn(Act::Action::Ban, "eve"));
    QCOMPARE(m_port.take(), (Lines{"in force: ban user eve;", "ban done"}));
    QCOMPARE(m_other.take(), Lines{"in force: ban user eve;"});
    moderate(actOn(Act::Action::Mute, "adam"));
    ProbePort late;
    m_engine->addPort(late);
    QCOMPARE(late.take(), Lines{"in force: ban user eve; mute * adam;"});
    (void)m_port.take();
    moderate(actOn(Act::Action::Unban, "eve"));
    QCOMPARE(m_port.take(), (Lines{"in force: mute * adam;", "unban done"}));
}

void TestEngineModeration::whatIsRefused()
{
    moderate(actOn(Act::Action::Unban, "eve"));
    QCOMPARE(m_port.take(), Lines{"refused bad_request"});
    Act ban = actOn(Act::Action::Ban, "eve");
    ban.rank = Rank::Admin;
    moderate(ban);
    (void)m_port.take();
    moderate(actOn(Act::Action::Unban, "eve"));
    QCOMPARE(m_port.take(), Lines{"refused forbidden"});
    QCOMPARE(m_other.take(), Lines{"in force: ban user eve;"});
}

void TestEngineModeration::aKickIsToldToAll()
{
    moderate(actOn(Act::Action::Kick, "eve"));
    QVERIFY(told(m_other, "kicked eve enough"));
    m_told.clear();
    QVERIFY(told(m_port, "kicked eve enough"));
    QVERIFY(told(m_port, "kick done"));
}

void TestEngineModeration::aSlowRoom()
{
    ProbeSession eve(*m_engine, m_port, "eve", 1);
    ProbeSession adam(*m_engine, m_port, "adam", 2);
    UlidSource ids;
    const auto say = [&](const ProbeSession &who, std::chrono::milliseconds at, const char *cid,
                         std::chrono::milliseconds interval = 10s) {
        (void)m_port.take();
        PublishRequest request{std::make_shared<const std::string>("x"), {}, ids.next(at), cid, "\"hi\"", {}};
        request.interval = interval;
        m_engine->publish(who.caller, std::move(request));
        m_engine->flush();
        m_told.clear();
        std::string answer;
        (void)QTest::qWaitFor([&] {
            gather(m_port);
            for (const std::string &each : m_told) {
                if (each.starts_with("done") || each.starts_with("refused"))
                    answer = each;
            }
            return !answer.empty();
        });
        return answer;
    };
    eve.enter("x");
    adam.enter("x");
    QCOMPARE(say(eve, 1s, "a"), std::string("done 1"));
    QCOMPARE(say(eve, 9s, "b"), std::string("refused rate_limited"));
    QCOMPARE(say(adam, 9s, "c"), std::string("done 2"));          // each member has its own time
    QCOMPARE(say(eve, 9s, "a"), std::string("done 1 duplicate")); // a resend is none
    QCOMPARE(say(eve, 11s, "b"), std::string("done 3"));
    QCOMPARE(say(eve, 12s, "d", 0s), std::string("done 4")); // a moderator
    QCOMPARE(say(eve, 13s, "e"), std::string("refused rate_limited"));
}

void TestEngineModeration::whoMayNotMakeARoom()
{
    ProbeSession eve(*m_engine, m_port, "eve", 1);
    const auto enter = [&](const char *room, std::optional<std::string> leave = {}) {
        (void)m_port.take();
        EnterRequest request{room};
        request.mayMake = false;
        request.leave = std::move(leave);
        m_engine->enter(eve.caller, std::move(request));
        const Lines lines = m_port.take();
        return lines.empty() ? std::string() : lines.front().substr(0, lines.front().find(" members"));
    };
    QCOMPARE(enter("new"), std::string("refused forbidden"));
    QCOMPARE(enter("general"), std::string("entered general"));
    QCOMPARE(enter("new", "general"), std::string("refused forbidden")); // and it is where it was
    QCOMPARE(enter("general"), std::string("entered general"));
    m_mia->enter("new");
    QCOMPARE(enter("new"), std::string("entered new"));
    eve.leave("new");
    m_mia->publish("new", "hi");
    m_engine->flush();
    QVERIFY(told(m_port, "published new 1"));
    m_mia->leave("new");
    QCOMPARE(enter("new"), std::string("entered new")); // something was said there
}

PARLOR_TEST_WITHIN(QCoreApplication, TestEngineModeration)
#include "tst_engine_moderation.moc"
