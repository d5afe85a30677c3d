// SPDX-License-Identifier: MIT
#include "client-cli/load/plan/forecast.h"

#include <algorithm>
#include <map>

namespace parlor::cli::load {

namespace {

double seconds(Offset duration)
{
    return std::chrono::duration<double>(duration).count();
}

/// Messages of a user that speaks, a second.
double rateOf(const Profile &profile)
{
    if (profile.pace != Pace::Closed)
        return profile.rate;
    return profile.think.mean > Offset{} ? 1 / seconds(profile.think.mean) : 0;
}

/// Follows the plan's changes: who is there, and what flows meanwhile.
class Flows
{
public:
    Flows(const Settings &settings, const Plan &plan, const std::vector<UserPlan> &users)
        : m_settings(settings)
        , m_plan(plan)
        , m_users(users)
        , m_rooms(settings.rooms.size())
    {
        for (const Phase &phase : plan.phases()) {
            m_forecast.phases.push_back(
                {.name = phase.name, .duration = phase.end - phase.begin, .isMeasured = phase.isMeasured});
            m_forecast.total.duration += phase.end - phase.begin;
        }
    }

    Forecast follow()
    {
        for (const Plan::Change &change : m_plan.changes()) {
            passTo(change.at);
            apply(change);
        }
        passTo(m_plan.end());
        countComers();
        setCertainty();
        return std::move(m_forecast);
    }

private:
    struct Room
    {
        double members = 0;
        double messages = 0; ///< a second
        [[nodiscard]] double deliveries() const { return members * messages; }
    };

    void apply(const Plan::Change &change)
    {
        const double sign = change.turn == Plan::Turn::Comes ? 1 : -1;
        const UserPlan &user = m_users[change.user];
        const Profile &profile = m_settings.profiles[user.profile];
        const double rate = user.speaks ? rateOf(profile) : 0;
        for (const std::uint16_t number : user.rooms) {
            Room &room = m_rooms[number];
            m_deliveries -= room.deliveries();
            room.members += sign;
            room.messages += sign * rate / static_cast<double>(user.rooms.size());
            m_deliveries += room.deliveries();
        }
        m_messages += sign * rate;
        m_present += sign > 0 ? 1U : -1U;
        if (m_settings.arrivals.empty() && profile.life.mean > Offset{})
            m_churn += sign / seconds(profile.life.mean);
        if (sign > 0)
            m_comers[{m_plan.phaseAt(change.at), change.at.count() / 1'000'000}] += 1;
    }

    void passTo(Offset until)
    {
        while (m_now < until) {
            const std::size_t phase = m_plan.phaseAt(m_now);
            const Offset end = std::min(until, m_plan.phases()[phase].end);
            for (PhaseForecast *each : {&m_forecast.phases[phase], &m_forecast.total}) {
                add(each->messages, m_messages, end - m_now);
                add(each->deliveries, m_deliveries, end - m_now);
                add(each->sessions, m_churn, end - m_now);
                each->peakUsers = std::max(each->peakUsers, m_present);
            }
            m_now = end;
        }
    }

    static void add(Flow &flow, double perSecond, Offset during)
    {
        flow.total += std::max(0.0, perSecond) * seconds(during);
        flow.peak = std::max(flow.peak, perSecond);
    }

    /// Those who come by the plan, on top of those who follow one another: the most in one second.
    void countComers()
    {
        std::map<std::size_t, double> most;
        for (const auto &[when, comers] : m_comers) {
            m_forecast.phases[when.first].sessions.total += comers;
            m_forecast.total.sessions.total += comers;
            most[when.first] = std::max(most[when.first], comers);
        }
        double mostOfAll = 0;
        for (const auto &[phase, comers] : most) {
            m_forecast.phases[phase].sessions.peak += comers;
            mostOfAll = std::max(mostOfAll, m_forecast.phases[phase].sessions.peak);
        }
        Flow &total = m_forecast.total.sessions;
        total.peak = std::max(total.peak, mostOfAll);
        if (m_settings.connectRate > 0) {
            total.peak = std::min(total.peak, m_settings.connectRate);
            for (PhaseForecast &phase : m_forecast.phases)
                phase.sessions.peak = std::min(phase.sessions.peak, m_settings.connectRate);
        }
    }

    void setCertainty()
    {
        for (const UserPlan &user : m_users) {
            const Profile &profile = m_settings.profiles[user.profile];
            if (!user.speaks || profile.pace != Pace::Closed)
                continue;
            const Certainty its = profile.think.mean > Offset{} ? Certainty::AtMost : Certainty::Unknown;
            m_forecast.certainty = std::max(m_forecast.certainty, its);
        }
    }

    const Settings &m_settings;
    const Plan &m_plan;
    const std::vector<UserPlan> &m_users;
    std::vector<Room> m_rooms;
    Forecast m_forecast;
    std::map<std::pair<std::size_t, Offset::rep>, double> m_comers; ///< by phase and second
    Offset m_now{};
    double m_messages = 0;   ///< a second, now
    double m_deliveries = 0; ///< the same
    double m_churn = 0;      ///< sessions that begin since another one has ended, a second, now
    std::uint32_t m_present = 0;
};

} // namespace

Forecast forecast(const Settings &settings, const Plan &plan, const std::vector<UserPlan> &users)
{
    return Flows(settings, plan, users).follow();
}

} // namespace parlor::cli::load
