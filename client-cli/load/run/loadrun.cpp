// SPDX-License-Identifier: MIT
#include "client-cli/load/run/loadrun.h"

#include "client-cli/load/run/machine.h"
#include "client-cli/load/run/processcrew.h"
#include "client-cli/load/run/threadcrew.h"

#include <QDateTime>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <poll.h>
#include <random>
#include <unistd.h>
#include <utility>

namespace parlor::cli::load {

using namespace std::chrono_literals;

namespace {

/// Somebody is to have connected this long after the time that connecting may take.
constexpr Offset kReachedLater = 100ms;

/// After the second interrupt, or a failure, a part ends at once, unless its process hangs.
constexpr Offset kEndPatience = 3s;

/// What hangs is a part that has not ended though it was time, and told nothing for so long.
constexpr Offset kSilence = 10s;

/// Until the first user comes, all threads and users are made.
Offset preparationOf(const RunBasis &basis)
{
    return 20ms * basis.settings.processes + Offset(2) * basis.users.size();
}

std::string newId()
{
    char text[9] = {};
    std::snprintf(text, sizeof text, "%08x", std::random_device()());
    return text;
}

std::vector<std::vector<std::uint16_t>> roomsOf(const std::vector<UserPlan> &users)
{
    std::vector<std::vector<std::uint16_t>> rooms;
    for (const UserPlan &user : users)
        rooms.push_back(user.rooms);
    return rooms;
}

/// Of what users were owed, as far as they waited for it.
bool isSomethingMissing(const Measurements &measurements)
{
    return measurements.deliveries.lost + measurements.deliveries.excused + measurements.absent > 0 ||
           measurements.messages().abandoned > 0;
}

int millisecondsUntil(Offset time, const RunClock &clock)
{
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(time - clock.now());
    return static_cast<int>(std::max(left.count(), std::chrono::milliseconds::rep{}));
}

} // namespace

LoadRun::LoadRun(const Settings &settings, Target target, std::vector<Address> addresses, int interrupts,
                 std::vector<RunWatcher *> watchers, std::vector<SecondSource *> sources)
    : m_ownBasis(new RunBasis{.settings = settings,
                              .target = std::move(target),
                              .addresses = std::move(addresses),
                              .plan = Plan(settings),
                              .users = {},
                              .clock = {},
                              .run = static_cast<std::uint16_t>(std::random_device()()),
                              .parts = 1})
    , m_basis(*m_ownBasis)
    , m_interrupts(interrupts)
    , m_watchers(std::move(watchers))
    , m_sources(std::move(sources))
{
    m_basis.users = userPlans(settings, m_basis.plan);
    // A plan may begin with a stage without users.
    const auto &changes = m_basis.plan.changes();
    m_planEnd = m_basis.plan.end();
    m_reachedBy = (changes.empty() ? Offset{} : changes.front().at) + settings.connectTimeout + kReachedLater;
}

Result<RunRecord> LoadRun::execute()
{
    const std::size_t wanted = std::size_t{m_basis.settings.processes} * m_basis.settings.threads;
    std::vector<Share> shares = dealShares(roomsOf(m_basis.users), wanted);
    const std::size_t parts = m_basis.parts = shares.size();
    RunRecord begun = beginRecord();
    if (parts < wanted)
        begun.notes.push_back("The run had " + std::to_string(parts) + " of " + std::to_string(wanted) +
                              " threads: a room's users are in one thread.");
    const ProcessorTimes before = processorTimes();
    m_basis.clock = RunClock(preparationOf(m_basis));

    auto crew = startCrew(std::move(shares));
    if (!crew)
        return crew.error();
    for (RunWatcher *watcher : m_watchers) {
        if (auto watching = watcher->begin(); !watching)
            return watching.error();
    }
    RecordBuilder builder(std::move(begun), parts,
                          [&crew](Measurements &&done) { (*crew)->giveBack(std::move(done)); });
    control(**crew, builder);
    if (m_hasGivenUp && m_basis.settings.processes == 1) {
        // Nothing ends a thread that hangs: it keeps what it uses, until the process ends.
        static_cast<void>(crew->release());
        static_cast<void>(m_ownBasis.release());
    }
    if (!builder.failure().empty())
        return Error{ErrorCode::Internal, builder.failure()};
    if (m_waitsUntil && isSomethingMissing(builder.record().measurements))
        builder.record().isInterrupted = true;
    builder.record().stolen = stolenShare(before, processorTimes());
    return std::move(builder.record());
}

Result<std::unique_ptr<Crew>> LoadRun::startCrew(std::vector<Share> shares)
{
    std::vector<Crew::Part> parts;
    for (Share &share : shares)
        parts.push_back({static_cast<std::uint32_t>(parts.size()), std::move(share)});
    if (m_basis.settings.processes > 1) {
        auto crew = std::make_unique<ProcessCrew>(m_basis);
        if (const auto started = crew->start(std::move(parts), m_basis.settings.processes); !started)
            return started.error();
        return std::unique_ptr<Crew>(std::move(crew));
    }
    auto crew = std::make_unique<ThreadCrew>(m_basis);
    if (const auto started = crew->start(std::move(parts)); !started)
        return started.error();
    return std::unique_ptr<Crew>(std::move(crew));
}

RunRecord LoadRun::beginRecord() const
{
    RunRecord record;
    record.id = newId();
    record.begun = QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs).toStdString();
    record.settings = m_basis.settings;
    record.machine = thisMachine();
    record.phases = m_basis.plan.phases();
    record.peakUsers = m_basis.plan.peakUsers();
    return record;
}

void LoadRun::control(Crew &crew, RecordBuilder &builder)
{
    while (!builder.isOver()) {
        pollfd watched[] = {{crew.descriptor(), POLLIN, 0}, {m_interrupts, POLLIN, 0}};
        ::poll(watched, std::size(watched), millisecondsUntil(builder.nextLate(), m_basis.clock));
        if (watched[1].revents != 0)
            hearInterrupts(crew, builder.record());
        for (Interval &interval : crew.take()) {
            m_heardAt = m_basis.clock.now();
            builder.take(std::move(interval));
        }
        if (!builder.failure().empty() && !m_waitsUntil)
            endAtOnce(crew);
        while (auto row = builder.nextRow(m_basis.clock.now()))
            tellRow(crew, builder, *std::move(row));
        m_hasGivenUp = !builder.isOver() && m_basis.clock.now() > waitsUntil();
        if (m_hasGivenUp)
            return builder.giveUp();
    }
}

Offset LoadRun::waitsUntil() const
{
    return m_waitsUntil.value_or(std::max(m_planEnd + m_basis.settings.drain, m_heardAt) + kSilence);
}

void LoadRun::endPlan(Crew &crew)
{
    m_isEnding = true;
    m_planEnd = std::min(m_planEnd, m_basis.clock.now());
    crew.stop(StopSignal::Level::PlanEnds);
}

void LoadRun::endAtOnce(Crew &crew)
{
    m_isEnding = true;
    m_waitsUntil = m_basis.clock.now() + kEndPatience;
    crew.stop(StopSignal::Level::AtOnce);
}

void LoadRun::hearInterrupts(Crew &crew, RunRecord &record)
{
    char signal = 0;
    while (::read(m_interrupts, &signal, 1) == 1) {
        m_wasInterrupted = true;
        if (!m_isEnding && m_basis.clock.now() < m_planEnd) {
            endPlan(crew);
            record.isInterrupted = true;
        } else if (!m_waitsUntil) {
            endAtOnce(crew);
        }
    }
}

void LoadRun::tellRow(Crew &crew, RecordBuilder &builder, Second row)
{
    row.wanted = m_isEnding ? 0 : m_basis.plan.usersAt(row.end);
    for (SecondSource *source : m_sources)
        source->fill(row);
    RunRecord &record = builder.record();
    record.seconds.push_back(std::move(row));
    if (!m_isEnding && record.measurements.connected == 0 && record.duration >= m_reachedBy) {
        endPlan(crew);
    }
    if (!m_watchers.empty())
        tellWatchers(builder, record);
}

void LoadRun::tellWatchers(const RecordBuilder &builder, const RunRecord &record)
{
    const Offset now = record.seconds.back().end;
    const Outstanding outstanding = builder.outstanding();
    RunStatus status{.record = record};
    status.now = now;
    status.end = m_basis.plan.end();
    status.phase = record.phases[m_basis.plan.phaseAt(now)].name;
    status.messages = record.measurements.messages();
    status.messages.unanswered += outstanding.unanswered;
    status.messages.rejected += outstanding.rejected;
    status.deliveries = record.measurements.deliveries;
    status.deliveries.lost += outstanding.holes;
    status.outstanding = outstanding.awaited;
    status.isDraining = m_isEnding || now >= status.end;
    for (RunWatcher *watcher : m_watchers)
        watcher->second(status);
}

} // namespace parlor::cli::load
