// SPDX-License-Identifier: MIT
#include "client-cli/load/loadrun.h"

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

LoadRun::LoadRun(const LoadOptions &options, std::vector<Address> addresses, int interrupts, StatusSink sink)
    : m_options(options)
    , m_plan(options.stages)
    , m_addresses(std::move(addresses))
    , m_sink(std::move(sink))
    , m_poller(kEventsPerTurn)
    , m_random(options.seed)
    , m_runId(static_cast<std::uint16_t>(std::random_device()()))
    , m_dialect(newDialect(options.dialect, m_runId))
    , m_ledgers(ledgersFor(options.rooms))
    , m_measurements(m_plan.phases().size())
    , m_readBuffer(kReadBuffer)
    , m_surroundings{.options = m_options,
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
        const std::size_t rooms = options.rooms.size();
        const auto room = static_cast<std::uint16_t>((i + i / rooms) % rooms);
        m_users.push_back(std::make_unique<User>(i, room, m_surroundings));
    }
    if (!m_poller.isValid() || !m_poller.add(interrupts, m_interruptWatch, EPOLLIN))
        m_failure = errno;
}

Result<RunResult> LoadRun::execute()
{
    ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); // else epoll_wait is 50 µs late, and so are all sends
    const std::string begun = QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs).toStdString();
    m_clock = RunClock();
    m_lastCpu = threadCpu();
    for (const Plan::Change &change : m_plan.changes())
        m_agenda.add({change.at,
                      change.turn == Plan::Turn::Comes ? Appointment::Kind::Come : Appointment::Kind::Go,
                      change.user, 0});
    // A plan may begin with a stage without users.
    const Offset firstComes = m_plan.changes().empty() ? Offset{} : m_plan.changes().front().at;
    m_agenda.add({firstComes + m_options.connectTimeout + kSweep, Appointment::Kind::ReachedDeadline, 0, 0});
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
    RunResult result;
    result.options = m_options;
    result.phases = m_plan.phases();
    result.duration = m_clock.now();
    result.measurements = m_measurements;
    result.health = m_health;
    result.peakUsers = m_plan.peakUsers();
    result.begun = begun;
    result.isInterrupted = m_isInterrupted;
    judge(result);
    return result;
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
    sampleCpu(now);
    forgetMessages(now);
    RunStatus status;
    status.now = now;
    status.end = m_plan.end();
    status.phase = m_plan.phases()[m_plan.phaseAt(now)].name;
    status.wanted = m_isEnding ? 0 : m_plan.usersAt(now);
    status.members = m_members;
    status.messages = m_measurements.messages();
    status.deliveries = m_measurements.deliveries;
    status.sentLately = status.messages.sent - std::exchange(m_lastSent, status.messages.sent);
    status.receivedLately = m_recentLatency.count();
    status.latency = &m_recentLatency;
    status.all = &m_measurements;
    status.isDraining = m_isEnding || now >= m_plan.end();
    if (m_sink) {
        for (const auto &user : m_users) {
            const Participation &part = user->participation();
            const Missing missing = part.missing();
            status.messages.unanswered += part.unanswered();
            status.messages.rejected += part.unnamedRefusals();
            status.deliveries.lost += missing.holes;
            status.outstanding += missing.awaited;
        }
        m_measurements.splits = splits();
        m_sink(status);
    }
    m_recentLatency.clear();
}

std::vector<RoomSplit> LoadRun::splits()
{
    std::vector<RoomSplit> splits;
    for (RoomLedger &ledger : m_ledgers) {
        if (auto groups = ledger.split(); groups.size() > 1)
            splits.push_back({m_options.rooms[ledger.room()], std::move(groups)});
    }
    return splits;
}

void LoadRun::judgeRooms()
{
    m_measurements.splits = splits();
    for (RoomLedger &ledger : m_ledgers) {
        if (ledger.end() > 0 && ledger.groups().mostAtOnce() < 2)
            m_measurements.lonelyRooms.push_back(m_options.rooms[ledger.room()]);
    }
}

void LoadRun::sampleCpu(Offset now)
{
    const auto cpu = threadCpu();
    const auto spent = std::chrono::duration<double>(cpu - m_lastCpu);
    const auto passed = std::chrono::duration<double>(now - m_lastSecond);
    if (passed.count() > 0)
        m_health.addSecond(spent / passed);
    m_lastCpu = cpu;
    m_lastSecond = now;
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
