// SPDX-License-Identifier: MIT
#include "client-cli/load/run/loadrun.h"

#include <QDateTime>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <random>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <utility>

namespace parlor::cli::load {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kReadBuffer = 64 * 1024;
constexpr std::size_t kConnectsUnderWay = 256;
/// Few enough that what is due to be sent does not wait for long.
constexpr std::size_t kEventsPerTurn = 32;
constexpr Offset kSweep = 100ms;
constexpr Offset kSecond = 1s;
constexpr std::size_t kDuePerTurn = 256; ///< appointments, before sockets are looked at again

std::vector<RoomLedger> ledgersFor(const std::vector<std::string> &rooms)
{
    std::vector<RoomLedger> ledgers;
    for (std::size_t i = 0; i < rooms.size(); ++i)
        ledgers.emplace_back(static_cast<std::uint16_t>(i));
    return ledgers;
}

std::chrono::nanoseconds threadCpu()
{
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

} // namespace

LoadRun::LoadRun(const Settings &settings, Target target, std::vector<Address> addresses, int interrupts,
                 std::vector<RunWatcher *> watchers)
    : m_settings(settings)
    , m_target(std::move(target))
    , m_plan(settings.stages)
    , m_addresses(std::move(addresses))
    , m_watchers(std::move(watchers))
    , m_poller(kEventsPerTurn)
    , m_random(settings.seed)
    , m_runId(static_cast<std::uint16_t>(std::random_device()()))
    , m_dialect(newDialect(settings.dialect, m_runId))
    , m_ledgers(ledgersFor(settings.rooms))
    , m_measurements(m_plan.phases())
    , m_readBuffer(kReadBuffer)
    , m_surroundings{.settings = m_settings,
                     .target = m_target,
                     .plan = m_plan,
                     .clock = m_clock,
                     .addresses = m_addresses,
                     .connectionParts = {m_poller, m_clock, m_random, m_readBuffer, m_measurements.bytesSent,
                                         m_measurements.bytesReceived},
                     .agenda = m_agenda,
                     .dialect = *m_dialect,
                     .random = m_random,
                     .ledgers = m_ledgers,
                     .measurements = m_measurements,
                     .recentLatency = m_recentLatency,
                     .connectQueue = m_connectQueue,
                     .present = m_present,
                     .members = m_members,
                     .run = m_runId}
    , m_interruptWatch(*this, interrupts)
{
    for (std::uint32_t i = 0; i < m_plan.peakUsers(); ++i) {
        // Each round begins with another room. Else a load balancer that deals connections out in turn may
        // put all of a room's users on one server, and nobody notices that servers do not share it.
        const std::size_t rooms = settings.rooms.size();
        const auto room = static_cast<std::uint16_t>((i + i / rooms) % rooms);
        m_users.push_back(std::make_unique<User>(i, room, m_surroundings));
    }
    if (!m_poller.isValid() || !m_poller.add(interrupts, m_interruptWatch, EPOLLIN))
        m_failure = errno;
}

Result<RunRecord> LoadRun::execute()
{
    ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); // else epoll_wait is 50 µs late, and so are all sends
    m_record.begun = QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs).toStdString();
    m_record.settings = m_settings;
    m_record.phases = m_plan.phases();
    m_record.peakUsers = m_plan.peakUsers();
    m_clock = RunClock();
    m_lastCpu = threadCpu();
    for (const Plan::Change &change : m_plan.changes())
        m_agenda.add({change.at,
                      change.turn == Plan::Turn::Comes ? Appointment::Kind::Come : Appointment::Kind::Go,
                      change.user, 0});
    // A plan may begin with a stage without users.
    const Offset firstComes = m_plan.changes().empty() ? Offset{} : m_plan.changes().front().at;
    m_agenda.add({firstComes + m_settings.connectTimeout + kSweep, Appointment::Kind::ReachedDeadline, 0, 0});
    m_agenda.add({kSecond, Appointment::Kind::Second, 0, 0});
    m_agenda.add({kSweep, Appointment::Kind::Sweep, 0, 0});

    while (m_failure == 0 && !isOver()) {
        keepAppointments();
        admit();
        m_failure = std::max(0, -m_poller.wait(m_agenda.next().value_or(Offset{}) - m_clock.now()));
    }
    if (m_failure != 0)
        return Error{ErrorCode::Internal,
                     std::string("cannot wait for sockets (epoll): ") + std::strerror(m_failure)};

    judgeRooms();
    second();
    m_record.measurements = m_measurements;
    m_record.isInterrupted = m_isInterrupted;
    return std::move(m_record);
}

bool LoadRun::isOver() const
{
    return m_present == 0 && (m_isEnding || m_clock.now() >= m_plan.end());
}

void LoadRun::keepAppointments()
{
    for (std::size_t i = 0; i < kDuePerTurn; ++i) {
        const auto due = m_agenda.take(m_clock.now());
        if (!due)
            return;
        keep(*due);
    }
}

void LoadRun::keep(const Appointment &due)
{
    switch (due.kind) {
    case Appointment::Kind::Come:
        if (!m_isEnding)
            m_users[due.user]->come(due.at);
        break;
    case Appointment::Kind::Go:
        if (!m_isEnding)
            m_users[due.user]->go(m_clock.now());
        break;
    case Appointment::Kind::Sweep:
        for (const auto &user : m_users)
            user->leaveIfSettled();
        m_agenda.add({m_clock.now() + kSweep, Appointment::Kind::Sweep, 0, 0});
        break;
    case Appointment::Kind::Second:
        second();
        m_agenda.add({due.at + kSecond, Appointment::Kind::Second, 0, 0});
        break;
    case Appointment::Kind::ReachedDeadline:
        if (m_measurements.connected == 0)
            endPlan();
        break;
    default:
        m_users[due.user]->keepAppointment(due);
    }
}

void LoadRun::admit()
{
    while (!m_connectQueue.waiting.empty() && m_connectQueue.underWay < kConnectsUnderWay) {
        User *user = m_connectQueue.waiting.front();
        m_connectQueue.waiting.pop_front();
        user->connect();
    }
}

void LoadRun::endPlan()
{
    m_isEnding = true;
    for (const auto &user : m_users)
        user->go(m_clock.now());
}

void LoadRun::interrupt()
{
    if (!m_isInterrupted) {
        m_isInterrupted = true;
        endPlan();
        return;
    }
    m_isEnding = true;
    for (const auto &user : m_users)
        user->breakOff();
}

void LoadRun::InterruptWatch::onEvents(std::uint32_t)
{
    char signal = 0;
    while (::read(m_descriptor, &signal, 1) == 1)
        m_run.interrupt();
}

// ---- once a second

void LoadRun::second()
{
    const Offset now = m_clock.now();
    forgetMessages(now);
    Second totals;
    const MessageCounts messages = m_measurements.messages();
    totals.connects = m_measurements.connected;
    totals.failures = m_measurements.connectAttempts - m_measurements.connected +
                      m_measurements.joinAttempts - m_measurements.joined;
    totals.losses = m_measurements.connectionsLost;
    totals.planned = messages.planned;
    totals.sent = messages.sent;
    totals.answered = messages.answered;
    totals.received = m_measurements.deliveries.received;
    Second second = totals;
    second.end = now;
    second.wanted = m_isEnding ? 0 : m_plan.usersAt(now);
    second.members = static_cast<std::uint32_t>(m_members);
    second.connects -= m_lately.connects;
    second.failures -= m_lately.failures;
    second.losses -= m_lately.losses;
    second.planned -= m_lately.planned;
    second.sent -= m_lately.sent;
    second.answered -= m_lately.answered;
    second.received -= m_lately.received;
    second.latency = CoarseHistogram(m_recentLatency);
    second.cpu = sampleCpu(now);
    m_lately = totals;
    m_recentLatency.clear();
    m_record.seconds.push_back(std::move(second));
    m_record.threads = {m_health};
    m_record.duration = now;
    if (m_watchers.empty())
        return;
    m_measurements.splits = splits();
    m_record.measurements = m_measurements;
    RunStatus status{.record = m_record};
    status.now = now;
    status.end = m_plan.end();
    status.phase = m_plan.phases()[m_plan.phaseAt(now)].name;
    status.messages = messages;
    status.deliveries = m_measurements.deliveries;
    status.isDraining = m_isEnding || now >= m_plan.end();
    for (const auto &user : m_users) {
        const Participation &part = user->participation();
        const Missing missing = part.missing();
        status.messages.unanswered += part.unanswered();
        status.messages.rejected += part.unnamedRefusals();
        status.deliveries.lost += missing.holes;
        status.outstanding += missing.awaited;
    }
    for (RunWatcher *watcher : m_watchers)
        watcher->second(status);
}

std::vector<RoomSplit> LoadRun::splits()
{
    std::vector<RoomSplit> splits;
    for (RoomLedger &ledger : m_ledgers) {
        if (auto groups = ledger.split(); groups.size() > 1)
            splits.push_back({m_settings.rooms[ledger.room()], std::move(groups)});
    }
    return splits;
}

void LoadRun::judgeRooms()
{
    m_measurements.splits = splits();
    for (RoomLedger &ledger : m_ledgers) {
        if (ledger.end() > 0 && ledger.groups().mostAtOnce() < 2)
            m_measurements.lonelyRooms.push_back(m_settings.rooms[ledger.room()]);
    }
}

double LoadRun::sampleCpu(Offset now)
{
    const auto cpu = threadCpu();
    const auto spent = std::chrono::duration<double>(cpu - m_lastCpu);
    const auto passed = std::chrono::duration<double>(now - m_lastSecond);
    m_lastCpu = cpu;
    m_lastSecond = now;
    if (passed.count() <= 0)
        return 0;
    m_health.addSecond(spent / passed);
    return spent / passed;
}

void LoadRun::forgetMessages(Offset now)
{
    std::vector<std::uint64_t> floors;
    for (const RoomLedger &ledger : m_ledgers)
        floors.push_back(ledger.end());
    for (const auto &user : m_users) {
        if (Membership *membership = user->participation().membership())
            floors[user->room()] = std::min(floors[user->room()], membership->needsFrom(now));
    }
    for (std::size_t i = 0; i < m_ledgers.size(); ++i)
        m_ledgers[i].forget(floors[i], now - Membership::kUnderWay);
}

} // namespace parlor::cli::load
