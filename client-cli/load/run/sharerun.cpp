// SPDX-License-Identifier: MIT
#include "client-cli/load/run/sharerun.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <utility>

namespace parlor::cli::load {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kReadBuffer = 64 * 1024;
/// Few enough that what is due to be sent does not wait for long.
constexpr std::size_t kEventsPerTurn = 32;
constexpr Offset kSweep = 100ms;
constexpr Offset kSecond = 1s;
constexpr std::size_t kDuePerTurn = 256;   ///< appointments, before sockets are looked at again
constexpr std::size_t kAskedPerTurn = 512; ///< users: well below a millisecond
constexpr Offset kShortestSample = 100ms;  ///< of the CPU time: what is shorter says nothing

std::chrono::nanoseconds threadCpu()
{
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// This share's portion of what the settings allow the whole run.
Door::Limits limitsOf(const RunBasis &basis, const Share &share, std::uint32_t part)
{
    const double portion = basis.users.empty() ? 1
                                               : static_cast<double>(share.users.size()) /
                                                     static_cast<double>(basis.users.size());
    return {basis.settings.connectRate * portion,
            std::max<std::size_t>(dealtTo(part, basis.settings.connectInflight, basis.parts), 1)};
}

} // namespace

ShareRun::ShareRun(const RunBasis &basis, const Share &share, std::uint32_t part, const StopSignal &stop,
                   IntervalQueue &queue)
    : m_basis(basis)
    , m_share(share)
    , m_part(part)
    , m_stop(stop)
    , m_queue(queue)
    , m_poller(kEventsPerTurn)
    , m_random(basis.settings.seed, part)
    , m_readBuffer(kReadBuffer)
    , m_books(basis.plan, share.rooms)
    , m_timetable(basis.plan, basis.clock)
    , m_speech(basis.settings.dialect, basis.settings.rooms, basis.run)
    , m_door(limitsOf(basis, share, part), basis.target, basis.addresses,
             {m_poller, basis.clock, m_random, m_readBuffer, m_books.measurements().bytesSent,
              m_books.measurements().bytesReceived},
             m_timetable)
    , m_context{basis.settings, m_timetable, m_door, m_speech, m_books}
    , m_users(basis.users.size())
    , m_stopWatch(*this)
{
    for (const std::uint32_t number : share.users)
        m_users[number] = std::make_unique<User>(number, basis.users[number], m_context);
    m_timetable.add({kSecond, Appointment::Kind::Second, 0, 0});
    m_timetable.add({kSweep, Appointment::Kind::Sweep, 0, 0});
    // The signal stays readable: it is to be told once.
    if (!m_poller.isValid() || !m_poller.add(stop.descriptor(), m_stopWatch, EPOLLIN | EPOLLET))
        m_failure = errno;
}

void ShareRun::execute()
{
    ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); // else epoll_wait is 50 µs late, and so are all sends
    m_sampledCpu = threadCpu();
    while (m_failure == 0 && !isOver()) {
        keepAppointments();
        m_door.admit();
        if (m_round)
            continueRound();
        const Offset next = m_round ? Offset{} : m_timetable.next().value_or(Offset{});
        m_failure = std::max(0, -m_poller.wait(next - m_timetable.now()));
    }
    if (m_round)
        m_queue.post(std::move(m_round->interval));
    m_books.judgeRooms(m_basis.settings.rooms);
    Interval last = takeInterval(m_timetable.now());
    last.isLast = true;
    if (m_failure != 0)
        last.failure = std::string("cannot wait for sockets (epoll): ") + std::strerror(m_failure);
    m_queue.post(std::move(last));
}

bool ShareRun::isOver() const
{
    return m_books.present() == 0 && (m_obeyed != StopSignal::Level::None || m_timetable.isPlanOver());
}

void ShareRun::obeyStop()
{
    const StopSignal::Level before = std::exchange(m_obeyed, m_stop.level());
    if (before == StopSignal::Level::None)
        endPlan();
    if (m_obeyed == StopSignal::Level::AtOnce && before != m_obeyed) {
        for (const std::uint32_t number : m_share.users)
            m_users[number]->breakOff();
    }
}

void ShareRun::endPlan()
{
    for (const std::uint32_t number : m_share.users)
        m_users[number]->go(m_timetable.now());
}

void ShareRun::keepAppointments()
{
    for (std::size_t i = 0; i < kDuePerTurn; ++i) {
        const Offset now = m_timetable.now();
        const auto due = m_timetable.take(now);
        if (!due)
            return;
        noteLag(*due, now);
        keep(*due);
    }
}

void ShareRun::noteLag(const Appointment &due, Offset now)
{
    // That thousands come or go together is the plan's doing.
    const bool isThePlans = due.kind == Appointment::Kind::Come || due.kind == Appointment::Kind::Go;
    if (isThePlans || due.at < m_lagNotedAt || due.at >= m_basis.plan.end())
        return;
    m_books.measurements().loopLag.record(now - due.at);
    m_lagNotedAt = now;
}

void ShareRun::keep(const Appointment &due)
{
    const auto isExpected = [this, &due] {
        return m_users[due.user] != nullptr && m_obeyed == StopSignal::Level::None;
    };
    switch (due.kind) {
    case Appointment::Kind::Come:
        if (isExpected())
            m_users[due.user]->come(due.at);
        break;
    case Appointment::Kind::Go:
        if (isExpected())
            m_users[due.user]->go(m_timetable.now());
        break;
    case Appointment::Kind::Admit:
        break; // it is let in with the next turn
    case Appointment::Kind::Sweep:
        if (m_books.settling() > 0) {
            for (const std::uint32_t number : m_share.users)
                m_users[number]->leaveIfSettled();
        }
        m_timetable.add({m_timetable.now() + kSweep, Appointment::Kind::Sweep, 0, 0});
        break;
    case Appointment::Kind::Second:
        m_books.measurements().splits = m_books.splitsSoFar(m_basis.settings.rooms);
        beginRound(takeInterval(due.at));
        m_timetable.add({due.at + kSecond, Appointment::Kind::Second, 0, 0});
        break;
    default:
        m_users[due.user]->keepAppointment(due);
    }
}

// ---- once a second

Interval ShareRun::takeInterval(Offset end)
{
    Interval interval;
    interval.part = m_part;
    interval.end = end;
    auto spare = m_queue.spare();
    interval.measurements = spare ? *std::move(spare) : Measurements(m_basis.plan.phases());
    m_books.swapMeasurements(interval.measurements);
    interval.members = m_books.members();
    interval.open = m_door.open();
    interval.cpu = sampleCpu(m_timetable.now());
    return interval;
}

void ShareRun::beginRound(Interval &&interval)
{
    if (m_round) // the last one took more than a second
        m_queue.post(std::move(m_round->interval));
    Round &round = m_round.emplace();
    round.interval = std::move(interval);
    round.begun = m_timetable.now();
    round.floors.resize(m_basis.settings.rooms.size());
    for (const std::uint16_t room : m_share.rooms)
        round.floors[room] = m_books.ledger(room).end();
}

void ShareRun::continueRound()
{
    Round &round = *m_round;
    Outstanding &all = round.interval.outstanding;
    const std::size_t end = std::min(round.asked + kAskedPerTurn, m_share.users.size());
    for (; round.asked < end; ++round.asked) {
        for (const Participation &part : m_users[m_share.users[round.asked]]->parts()) {
            const Missing missing = part.missing();
            all.unanswered += part.unanswered();
            all.rejected += part.unnamedRefusals();
            all.holes += missing.holes;
            all.awaited += missing.awaited;
            if (Membership *membership = part.membership()) {
                std::uint64_t &floor = round.floors[part.room()];
                floor = std::min(floor, membership->needsFrom(round.begun));
            }
        }
    }
    if (round.asked == m_share.users.size())
        finishRound();
}

void ShareRun::finishRound()
{
    for (const std::uint16_t room : m_share.rooms)
        m_books.forget(room, m_round->floors[room], m_round->begun - Membership::kUnderWay);
    m_queue.post(std::move(m_round->interval));
    m_round.reset();
}

double ShareRun::sampleCpu(Offset now)
{
    const Offset passed = now - m_sampledAt;
    if (passed < kShortestSample)
        return -1;
    const auto cpu = threadCpu();
    const std::chrono::duration<double> spent = cpu - std::exchange(m_sampledCpu, cpu);
    m_sampledAt = now;
    return spent / passed;
}

} // namespace parlor::cli::load
