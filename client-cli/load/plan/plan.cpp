// SPDX-License-Identifier: MIT
#include "client-cli/load/plan/plan.h"

#include "client-cli/load/plan/lastings.h"
#include "client-cli/load/plan/weightedturns.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <deque>
#include <map>
#include <optional>
#include <queue>

namespace parlor::cli::load {

namespace {

/// A user's number is given again this long after its session: its connection has had time to end.
constexpr Offset kNumberRests = std::chrono::seconds(1);

constexpr std::uint64_t kForStays = 0x6C6976657300ULL; ///< tells its random numbers apart from others

std::string nameOf(std::uint32_t from, std::uint32_t to)
{
    if (from == to)
        return "hold " + std::to_string(to);
    return "ramp " + std::to_string(from) + "-" + std::to_string(to);
}

std::string rateName(double value)
{
    char text[32] = {};
    std::snprintf(text, sizeof text, "%.6g", value);
    return text;
}

std::string nameOf(double from, double to)
{
    if (from == to)
        return "arrive " + rateName(to) + "/s";
    return "arrive " + rateName(from) + "-" + rateName(to) + "/s";
}

/// The part of a duration that is `numerator` of `denominator` steps into it.
Offset part(Offset duration, std::uint32_t numerator, std::uint32_t denominator)
{
    return duration * numerator / denominator;
}

std::vector<double> weightsOf(const std::vector<Profile> &profiles)
{
    std::vector<double> weights;
    for (const Profile &profile : profiles)
        weights.push_back(profile.weight);
    return weights;
}

/// When users come at a rate that goes in a straight line.
class Line
{
public:
    Line(double from, double to, Offset duration)
        : m_from(from)
        , m_duration(std::chrono::duration<double>(duration).count())
        , m_steepness(m_duration > 0 ? (to - from) / m_duration : 0)
    {
    }

    [[nodiscard]] double arrivals() const
    {
        return m_from * m_duration + m_steepness * m_duration * m_duration / 2;
    }
    /// When so many have come. This form of the quadratic equation's solution is exact for flat lines, too.
    [[nodiscard]] Offset when(double arrivals) const
    {
        const double root = std::sqrt(std::max(0.0, m_from * m_from + 2 * m_steepness * arrivals));
        const double at = arrivals <= 0 ? 0 : 2 * arrivals / (m_from + root);
        return Offset(std::llround(std::min(at, m_duration) * 1e6));
    }

private:
    double m_from;
    double m_duration;
    double m_steepness; ///< arrivals a second, a second
};

/// Sessions of the arrival model: who is there, until when, and which numbers are free.
class Sessions
{
public:
    explicit Sessions(std::size_t profiles)
        : m_free(profiles)
    {
    }

    /// The next one to end until then.
    [[nodiscard]] std::optional<std::pair<Offset, std::uint32_t>> takeEnded(Offset until)
    {
        if (m_ends.empty() || m_ends.top().first > until)
            return std::nullopt;
        const auto ended = m_ends.top();
        m_ends.pop();
        m_free[m_profiles[ended.second]].push_back(ended);
        return ended;
    }

    [[nodiscard]] std::uint32_t begin(Offset at, Offset end, std::uint32_t profile)
    {
        auto &free = m_free[profile];
        auto user = static_cast<std::uint32_t>(m_profiles.size());
        if (!free.empty() && free.front().first + kNumberRests <= at) {
            user = free.front().second;
            free.pop_front();
        } else {
            m_profiles.push_back(profile);
        }
        m_ends.emplace(end, user);
        return user;
    }

    [[nodiscard]] const std::vector<std::uint32_t> &profiles() const { return m_profiles; }

private:
    using End = std::pair<Offset, std::uint32_t>; ///< when, and whose
    std::priority_queue<End, std::vector<End>, std::greater<>> m_ends;
    std::vector<std::deque<End>> m_free; ///< by profile, those that ended first in front
    std::vector<std::uint32_t> m_profiles;
};

} // namespace

Plan::Plan(const Settings &settings)
    : m_profileCount(settings.profiles.size())
{
    if (settings.arrivals.empty())
        followStages(settings);
    else
        followArrivals(settings);
    cutWarmUp(settings.warmUp);
    nameApart();
}

Plan::Plan(const std::vector<Stage> &stages)
    : Plan([&stages] {
        Settings settings;
        settings.stages = stages;
        return settings;
    }())
{
}

void Plan::addChange(const Change &change)
{
    const std::uint32_t before = m_usersAfter.empty() ? 0 : m_usersAfter.back();
    m_changes.push_back(change);
    m_usersAfter.push_back(change.turn == Turn::Comes ? before + 1 : before - 1);
    m_peak = std::max(m_peak, m_usersAfter.back());
}

void Plan::followStages(const Settings &settings)
{
    Offset begin{};
    std::uint32_t users = 0;
    for (const Stage &stage : settings.stages) {
        // On the way up user k comes when the line reaches k, on the way down goes when it comes back to k.
        for (std::uint32_t k = users; k < stage.users; ++k)
            addChange({begin + part(stage.duration, k - users, stage.users - users), k, Turn::Comes});
        for (std::uint32_t k = users; k > stage.users; --k)
            addChange({begin + part(stage.duration, users - k + 1, users - stage.users), k - 1, Turn::Goes});
        m_phases.push_back({stage.name.empty() ? nameOf(users, stage.users) : stage.name, begin,
                            begin + stage.duration, users, stage.users, stage.isMeasured});
        begin += stage.duration;
        users = stage.users;
    }
    for (std::uint32_t k = users; k > 0; --k)
        addChange({begin, k - 1, Turn::Goes});
    WeightedTurns turns(weightsOf(settings.profiles));
    while (m_profiles.size() < m_peak)
        m_profiles.push_back(static_cast<std::uint32_t>(turns.next()));
}

void Plan::followArrivals(const Settings &settings)
{
    WeightedTurns turns(weightsOf(settings.profiles));
    Sessions sessions(settings.profiles.size());
    Offset begin{};
    double rate = settings.arrivals.front().perSecond;
    double due = 0; // arrivals, at the beginning of the stage
    std::uint64_t arrived = 0;
    const auto endSessions = [&](Offset until) {
        while (const auto ended = sessions.takeEnded(until))
            addChange({std::min(ended->first, until), ended->second, Turn::Goes});
    };
    for (const ArrivalStage &stage : settings.arrivals) {
        const Line line(rate, stage.perSecond, stage.duration);
        for (; static_cast<double>(arrived) < due + line.arrivals() - 1e-6; ++arrived) {
            const Offset at = begin + line.when(static_cast<double>(arrived) - due);
            endSessions(at);
            const auto profile = static_cast<std::uint32_t>(turns.next());
            const Lasting &life = settings.profiles[profile].life;
            const Offset end = life.mean > Offset{}
                                   ? at + Lastings(life, settings.seed ^ kForStays, arrived).next()
                                   : Offset::max();
            addChange({at, sessions.begin(at, end, profile), Turn::Comes});
        }
        due += line.arrivals();
        begin += stage.duration;
        endSessions(begin);
        m_phases.push_back({stage.name.empty() ? nameOf(rate, stage.perSecond) : stage.name,
                            begin - stage.duration, begin, 0, m_usersAfter.empty() ? 0 : m_usersAfter.back(),
                            stage.isMeasured});
        rate = stage.perSecond;
    }
    for (std::size_t i = 0; i < m_phases.size(); ++i) {
        m_phases[i].from = usersAt(m_phases[i].begin);
        if (i > 0)
            m_phases[i - 1].to = m_phases[i].from;
    }
    while (const auto left = sessions.takeEnded(Offset::max()))
        addChange({begin, left->second, Turn::Goes});
    m_profiles = sessions.profiles();
}

void Plan::cutWarmUp(Offset warmUp)
{
    if (warmUp <= Offset{} || m_phases.empty())
        return;
    Phase cut{"warm-up", {}, std::min(warmUp, end()), m_phases.front().from, 0, false};
    const auto rest = std::find_if(m_phases.begin(), m_phases.end(),
                                   [warmUp](const Phase &phase) { return phase.end > warmUp; });
    cut.to = rest == m_phases.end() ? m_phases.back().to : usersAt(warmUp);
    m_phases.erase(m_phases.begin(), rest);
    if (!m_phases.empty()) {
        m_phases.front().begin = cut.end;
        m_phases.front().from = cut.to;
    }
    m_phases.insert(m_phases.begin(), std::move(cut));
}

/// Phases are told apart by their names, in reports and in thresholds.
void Plan::nameApart()
{
    std::map<std::string, int> seen;
    for (Phase &phase : m_phases) {
        if (const int times = ++seen[phase.name]; times > 1)
            phase.name += " #" + std::to_string(times);
    }
}

std::size_t Plan::phaseAt(Offset at) const
{
    const auto found = std::upper_bound(m_phases.begin(), m_phases.end(), at,
                                        [](Offset time, const Phase &phase) { return time < phase.end; });
    const auto place = static_cast<std::size_t>(found - m_phases.begin());
    return found == m_phases.end() && place > 0 ? place - 1 : place;
}

std::uint32_t Plan::usersAt(Offset at) const
{
    const auto next = std::upper_bound(m_changes.begin(), m_changes.end(), at,
                                       [](Offset time, const Change &change) { return time < change.at; });
    return next == m_changes.begin() ? 0
                                     : m_usersAfter[static_cast<std::size_t>(next - m_changes.begin()) - 1];
}

} // namespace parlor::cli::load
