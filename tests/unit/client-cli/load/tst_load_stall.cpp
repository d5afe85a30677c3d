// SPDX-License-Identifier: MIT
#include "client-cli/load/run/words.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <deque>

using namespace parlor::cli::load;
using namespace std::chrono_literals;

namespace {

constexpr Offset kRun = 60s;
constexpr Offset kAnswers = 1ms; ///< what the server takes
constexpr Offset kStallBegin = 30s;
constexpr Offset kStallEnd = 32s;

/// A server that answers in the order of questions, and for two seconds answers nothing.
Offset answered(Offset sent)
{
    const Offset at = sent + kAnswers;
    return at > kStallBegin && sent < kStallEnd ? kStallEnd + kAnswers : at;
}

struct Latencies
{
    Histogram fromPlanned;
    Histogram fromSent;
};

/// One user's minute, on a clock of its own: what is due and what is answered, in the order of time.
class Minute
{
public:
    Minute(std::uint32_t user, const Profile &profile, Books &books, Latencies &latencies)
        : m_words(user, profile, 1, books)
        , m_latencies(latencies)
    {
        Offset due = *m_words.begin({}, 1);
        while (due < kRun) {
            answerUntil(due);
            m_words.plan(due);
            if (m_words.turnstile().pass(due, m_unanswered.size()))
                send(due, due);
            due = m_words.following();
        }
        answerUntil(Offset::max());
    }

private:
    struct Sent
    {
        Offset planned;
        Offset sent;
        Offset answered;
    };

    void send(Offset planned, Offset now) { m_unanswered.push_back({planned, now, answered(now)}); }
    void answerUntil(Offset until)
    {
        while (!m_unanswered.empty() && m_unanswered.front().answered <= until) {
            const Sent done = m_unanswered.front();
            m_unanswered.pop_front();
            m_latencies.fromPlanned.record(done.answered - done.planned);
            m_latencies.fromSent.record(done.answered - done.sent);
            while (const auto planned = m_words.turnstile().next(m_unanswered.size()))
                send(*planned, done.answered);
        }
    }

    Words m_words;
    Latencies &m_latencies;
    std::deque<Sent> m_unanswered;
};

Latencies minuteOf(std::uint32_t users, const Profile &profile)
{
    const Plan plan({{0s, users}, {kRun, users}});
    Books books(plan, {0});
    Latencies latencies;
    for (std::uint32_t user = 0; user < users; ++user)
        Minute(user, profile, books, latencies);
    return latencies;
}

double seconds(Offset duration)
{
    return std::chrono::duration<double>(duration).count();
}

} // namespace

/// What a stall of the server does to the latencies: users who speak at planned times do not wait for it, and
/// no message that it held up is left out (coordinated omission).
class TestLoadStall : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void allThatTheStallHeldUpCounts_data();
    void allThatTheStallHeldUpCounts();
    void boundHidesItFromTheServiceTimeOnly();
    void closedPaceHasNoPlannedTimes();
    void turnstile();
    void whatWaitsAtTheEndIsHeld();
    void earlyWords();
};

void TestLoadStall::allThatTheStallHeldUpCounts_data()
{
    QTest::addColumn<int>("pace");
    QTest::newRow("fixed") << int(Pace::Fixed);
    QTest::newRow("poisson") << int(Pace::Poisson);
}

/// Of 60 s, messages that were due in 2 s waited for up to 2 s, evenly: 1 % of all waited for more than
/// 2 s - 1 % of 60 s.
void TestLoadStall::allThatTheStallHeldUpCounts()
{
    QFETCH(const int, pace);
    const Latencies found = minuteOf(100, {.rate = 10, .pace = static_cast<Pace>(pace)});
    QVERIFY(std::abs(seconds(found.fromPlanned.percentile(99)) - 1.4) < 0.05);
    QVERIFY(std::abs(seconds(found.fromPlanned.percentile(98)) - 0.8) < 0.05);
    QVERIFY(std::abs(seconds(found.fromPlanned.max()) - 2.0) < 0.02);
    QCOMPARE(found.fromPlanned.percentile(50), kAnswers);
    QCOMPARE(found.fromPlanned.percentile(96), kAnswers);
}

/// One message at a time, 100 a second: the stall holds up one message of each user, and the planned times
/// tell of the two hundred that could not be sent.
void TestLoadStall::boundHidesItFromTheServiceTimeOnly()
{
    const Latencies found = minuteOf(10, {.rate = 100, .inflight = 1});
    QVERIFY(found.fromSent.percentile(99) < Offset(50ms));
    const double p99 = seconds(found.fromPlanned.percentile(99));
    QVERIFY2(p99 > 1.3 && p99 < 1.6, qPrintable(QString::number(p99)));
    QCOMPARE(found.fromPlanned.percentile(50), kAnswers);
    QVERIFY(std::abs(static_cast<double>(found.fromPlanned.count()) - 60'000) <= 10); // none is left out
}

void TestLoadStall::closedPaceHasNoPlannedTimes()
{
    const Plan plan({{0s, 1}, {kRun, 1}});
    Books books(plan, {0});
    const Profile profile{.pace = Pace::Closed, .think = {500ms}};
    Words words(0, profile, 1, books);
    QVERIFY(words.isClosed());
    QVERIFY(!words.begin(0s, 1));
    const auto first = words.joined(3s);
    QVERIFY(first && *first >= Offset(3s) && *first < Offset(3500ms));
    QCOMPARE(words.afterAnswer(5s), Offset(5500ms));
}

void TestLoadStall::turnstile()
{
    Turnstile two(2);
    QVERIFY(two.pass(1s, 0));
    QVERIFY(two.pass(2s, 1));
    QVERIFY(!two.pass(3s, 2));
    QVERIFY(!two.pass(4s, 1)); // another one waits
    QCOMPARE(two.next(2), std::nullopt);
    QCOMPARE(two.next(1), std::optional(Offset(3s)));
    QCOMPARE(two.next(1), std::optional(Offset(4s)));
    QCOMPARE(two.next(0), std::nullopt);
    QVERIFY(two.pass(5s, 0));
    Turnstile any(0);
    QVERIFY(any.pass(1s, 1'000'000));
}

void TestLoadStall::whatWaitsAtTheEndIsHeld()
{
    const Plan plan({{0s, 1}, {10s, 1}});
    Books books(plan, {0});
    const Profile profile{.inflight = 1};
    Words words(0, profile, 1, books);
    for (const Offset due : {Offset(1s), Offset(2s), Offset(3s)}) {
        words.plan(due);
        static_cast<void>(words.turnstile().pass(due, due == Offset(1s) ? 0 : 1));
    }
    words.holdBack();
    const MessageCounts counts = books.measurements().messages();
    QCOMPARE(counts.planned, 3U);
    QCOMPARE(counts.held, 2U);
    QCOMPARE(words.turnstile().next(0), std::nullopt);
}

void TestLoadStall::earlyWords()
{
    const Plan plan({{0s, 1}, {10s, 1}});
    Books books(plan, {0});
    const Profile profile;
    Words words(0, profile, 1, books);
    words.addEarly(1s);
    words.endArrival(Words::Arrival::Joined);
    QCOMPARE(books.measurements().messages().early, 1U);
    QCOMPARE(books.measurements().messages().planned, 0U);
    words.addEarly(2s);
    words.endArrival(Words::Arrival::Failed);
    QCOMPARE(books.measurements().messages().early, 1U);
    QCOMPARE(books.measurements().messages().planned, 1U);
    QCOMPARE(books.measurements().messages().notMember, 1U);
}

PARLOR_TEST(TestLoadStall)
#include "tst_load_stall.moc"
