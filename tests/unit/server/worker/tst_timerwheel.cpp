// SPDX-License-Identifier: MIT
#include "server/worker/timerwheel.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <functional>
#include <memory>
#include <random>
#include <vector>

using namespace parlor;
using namespace std::chrono_literals;

namespace {

struct Entry final : WheelEntry
{
    int fired = 0;
    std::function<void()> then;
    void onDeadline() override
    {
        ++fired;
        if (then)
            then();
    }
};

} // namespace

class TestTimerWheel : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void neverEarlyNeverTwoTicksLate_data();
    void neverEarlyNeverTwoTicksLate();
    void sooner();
    void entriesMayActInTheirHandler();
    void afterALongSleep();
    void destroyedEntriesAreGone();

private:
    const TimerWheel::Time m_start{1000s};
};

void TestTimerWheel::neverEarlyNeverTwoTicksLate_data()
{
    QTest::addColumn<int>("delay");
    for (int delay : {0, 1, 99, 100, 101, 5'000, 51'100, 51'200, 51'300, 120'000, 600'000})
        QTest::addRow("%d ms", delay) << delay;
}

void TestTimerWheel::neverEarlyNeverTwoTicksLate()
{
    QFETCH(int, delay);
    TimerWheel wheel(m_start);
    Entry entry;
    wheel.schedule(entry, m_start + std::chrono::milliseconds(delay));
    for (auto now = m_start; now < m_start + std::chrono::milliseconds(delay) + 1s; now += 50ms) {
        wheel.advance(now);
        if (now < m_start + std::chrono::milliseconds(delay))
            QCOMPARE(entry.fired, 0);
        if (now >= m_start + std::chrono::milliseconds(delay) + 200ms)
            QCOMPARE(entry.fired, 1);
    }
}

void TestTimerWheel::sooner()
{
    TimerWheel wheel(m_start);
    Entry entry;
    wheel.schedule(entry, m_start + 1s);
    wheel.scheduleAtMost(entry, m_start + 5s);
    wheel.advance(m_start + 1200ms);
    QCOMPARE(entry.fired, 1);
    wheel.schedule(entry, m_start + 10s);
    wheel.scheduleAtMost(entry, m_start + 3s);
    wheel.advance(m_start + 3200ms);
    QCOMPARE(entry.fired, 2);
    wheel.schedule(entry, m_start + 4s);
    wheel.cancel(entry);
    wheel.advance(m_start + 20s);
    QCOMPARE(entry.fired, 2);
}

void TestTimerWheel::entriesMayActInTheirHandler()
{
    TimerWheel wheel(m_start);
    Entry repeating;
    auto victim = std::make_unique<Entry>();
    repeating.then = [&] {
        victim.reset(); // due at the very same tick
        wheel.schedule(repeating, m_start + 1s + repeating.fired * 51'200ms);
    };
    wheel.schedule(repeating, m_start + 1s);
    wheel.schedule(*victim, m_start + 1s);
    wheel.advance(m_start + 1200ms);
    QCOMPARE(repeating.fired, 1);
    wheel.advance(m_start + 1s + 51'400ms); // the same slot, a round later
    QCOMPARE(repeating.fired, 2);
}

void TestTimerWheel::afterALongSleep()
{
    TimerWheel wheel(m_start);
    std::vector<std::unique_ptr<Entry>> entries;
    std::mt19937 random(7);
    for (int i = 0; i < 1000; ++i) {
        entries.push_back(std::make_unique<Entry>());
        wheel.schedule(*entries.back(), m_start + std::chrono::milliseconds(random() % 200'000));
    }
    wheel.advance(m_start + 201s);
    for (const auto &entry : entries)
        QCOMPARE(entry->fired, 1);
}

void TestTimerWheel::destroyedEntriesAreGone()
{
    Entry survivor;
    {
        TimerWheel wheel(m_start);
        {
            Entry gone;
            wheel.schedule(gone, m_start + 1s);
            wheel.schedule(survivor, m_start + 1s);
        }
        wheel.advance(m_start + 2s);
        QCOMPARE(survivor.fired, 1);
        wheel.schedule(survivor, m_start + 3s);
    }
    // The wheel went first; the entry must not touch it when it goes.
}

PARLOR_TEST(TestTimerWheel)
#include "tst_timerwheel.moc"
