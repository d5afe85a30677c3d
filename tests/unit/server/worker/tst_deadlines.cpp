// SPDX-License-Identifier: MIT
// What a connection waits for, and when that has been too long; the clock is the test's.
#include "server/worker/deadlines.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;
using namespace std::chrono_literals;
using Input = Deadlines::Input;
using Missed = Deadlines::Missed;

namespace {

/// Woken as a connection is, and put back among those that wait.
class Waiting final : public WheelEntry
{
public:
    Waiting()
    {
        limits.ping = 10s;
        limits.pongTimeout = 3s;
        limits.messageTimeout = 4s;
        limits.stallTimeout = 5s;
    }
    [[nodiscard]] Deadlines::Clock clock() { return {wheel, *this, now, limits}; }
    void advance(std::chrono::milliseconds time)
    {
        for (const auto end = now + time; now < end;) {
            now += TimerWheel::kTick;
            wheel.advance(now);
        }
    }
    [[nodiscard]] Missed missed(Input input = Input::Read) const
    {
        return deadlines.missed(rare, input, wheel);
    }

    TimerWheel::Time now{1000s};
    TimerWheel wheel{now};
    ConnectionLimits limits;
    Deadlines deadlines;
    Deadlines::Rare rare;
    int woken = 0;
    int pings = 0;

protected:
    void onDeadline() override
    {
        ++woken;
        pings += deadlines.takePing(clock()) ? 1 : 0;
        deadlines.schedule(rare, clock());
    }
};

} // namespace

class TestDeadlines : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void pingsGoOnWhileTheyAreAnswered();
    void pingUnanswered();
    void withoutLimits();
    void message();
    void progress();
    void close();
    void theEarliestWakes();
};

void TestDeadlines::pingsGoOnWhileTheyAreAnswered()
{
    Waiting waiting;
    waiting.deadlines.startPings(waiting.clock());
    for (int i = 0; i < 600; ++i) { // a minute
        waiting.advance(100ms);
        if (i % 10 == 0)
            waiting.deadlines.heard();
        QCOMPARE(waiting.missed(), Missed::Nothing);
    }
    QVERIFY2(waiting.pings >= 5 && waiting.pings <= 7,
             qPrintable(QString::number(waiting.pings))); // 10 s ± 10 %
}

void TestDeadlines::pingUnanswered()
{
    Waiting waiting;
    waiting.deadlines.startPings(waiting.clock());
    while (waiting.pings == 0)
        waiting.advance(100ms);
    waiting.advance(2900ms);
    QCOMPARE(waiting.missed(), Missed::Nothing);
    waiting.advance(400ms);
    QCOMPARE(waiting.missed(), Missed::Pong);
    QCOMPARE(waiting.missed(Input::Held), Missed::Nothing); // it may be among what is not read
    waiting.deadlines.heard();
    QCOMPARE(waiting.missed(), Missed::Nothing);
}

void TestDeadlines::withoutLimits()
{
    Waiting waiting;
    waiting.limits.ping = waiting.limits.stallTimeout = 0ms;
    waiting.deadlines.startPings(waiting.clock());
    Deadlines::awaitProgress(waiting.rare, waiting.clock());
    waiting.advance(60s);
    QCOMPARE(waiting.missed(), Missed::Nothing);
    QCOMPARE(waiting.woken, 0);

    waiting.limits.ping = 1s;
    waiting.limits.pongTimeout = 0ms;
    waiting.deadlines.startPings(waiting.clock());
    waiting.advance(10s);
    QVERIFY(waiting.pings > 5);
    QCOMPARE(waiting.missed(), Missed::Nothing);
}

void TestDeadlines::message()
{
    Waiting waiting;
    Deadlines::awaitMessage(waiting.rare, 7, waiting.clock());
    waiting.advance(3s);
    Deadlines::awaitMessage(waiting.rare, 7, waiting.clock()); // more of it is no new time
    waiting.advance(1300ms);
    QCOMPARE(waiting.missed(), Missed::Message);
    QCOMPARE(waiting.missed(Input::Held), Missed::Nothing);
    Deadlines::awaitMessage(waiting.rare, 8, waiting.clock()); // the next one has its own
    QCOMPARE(waiting.missed(), Missed::Nothing);
    waiting.advance(4300ms);
    QCOMPARE(waiting.missed(), Missed::Message);
}

void TestDeadlines::progress()
{
    Waiting waiting;
    Deadlines::awaitProgress(waiting.rare, waiting.clock());
    waiting.advance(4s);
    Deadlines::awaitProgress(waiting.rare, waiting.clock()); // it waits already
    waiting.advance(1300ms);
    QCOMPARE(waiting.missed(), Missed::Progress);
    QCOMPARE(waiting.missed(Input::Held), Missed::Progress);
    waiting.rare.progress = 0;
    QCOMPARE(waiting.missed(), Missed::Nothing);
}

void TestDeadlines::close()
{
    Waiting waiting;
    waiting.rare.close = Deadlines::in(1s, waiting.clock());
    Deadlines::awaitProgress(waiting.rare, waiting.clock());
    waiting.advance(10s);
    QCOMPARE(waiting.missed(), Missed::Close); // whatever else is
    QCOMPARE(waiting.missed(Input::Held), Missed::Close);
}

void TestDeadlines::theEarliestWakes()
{
    Waiting waiting;
    waiting.limits.ping = 1h;
    waiting.deadlines.startPings(waiting.clock());
    Deadlines::awaitProgress(waiting.rare, waiting.clock());   // 5 s
    Deadlines::awaitMessage(waiting.rare, 1, waiting.clock()); // 4 s
    waiting.advance(3900ms);
    QCOMPARE(waiting.woken, 0);
    waiting.advance(300ms);
    QVERIFY(waiting.woken >= 1);
    QCOMPARE(waiting.missed(), Missed::Message);
    waiting.rare.message = 0;
    waiting.deadlines.schedule(waiting.rare, waiting.clock());
    waiting.advance(1s);
    QCOMPARE(waiting.missed(), Missed::Progress); // the later one was not forgotten
}

PARLOR_TEST(TestDeadlines)
#include "tst_deadlines.moc"
