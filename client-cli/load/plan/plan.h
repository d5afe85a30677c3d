// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/settings.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace parlor::cli::load {

/// A stage with its place in time and a name for people.
struct Phase
{
    std::string name; ///< "warm-up", "ramp 0-50", "hold 50", "arrive 10/s"; no two phases have the same
    Offset begin{};
    Offset end{};
    std::uint32_t from = 0; ///< users; with arrivals: as many as there are then
    std::uint32_t to = 0;
    bool isMeasured = true;
    bool operator==(const Phase &) const = default;
};

/// When which user comes and goes. Users are numbered from 0. By stages the last to come is the first to go.
/// By arrivals each session lasts as long as its profile's `life`, and a number is used again when its
/// session is over for a while. Pure.
class Plan
{
public:
    enum class Turn : std::uint8_t { Comes, Goes };
    struct Change
    {
        Offset at{};
        std::uint32_t user = 0;
        Turn turn = Turn::Comes;
        bool operator==(const Change &) const = default;
    };

    explicit Plan(const Settings &settings);
    /// By these stages, with one profile.
    explicit Plan(const std::vector<Stage> &stages);

    /// In the order of time. Those who are left at the end go then.
    [[nodiscard]] const std::vector<Change> &changes() const { return m_changes; }
    [[nodiscard]] const std::vector<Phase> &phases() const { return m_phases; }
    /// The profile of each user, by number. There are as many users: with arrivals more than are there at
    /// once.
    [[nodiscard]] const std::vector<std::uint32_t> &profiles() const { return m_profiles; }
    [[nodiscard]] std::size_t profileCount() const { return m_profileCount; }
    /// The phase of a moment; the last one for all that is later.
    [[nodiscard]] std::size_t phaseAt(Offset at) const;
    [[nodiscard]] std::uint32_t usersAt(Offset at) const;
    /// Who are there at once, at most.
    [[nodiscard]] std::uint32_t peakUsers() const { return m_peak; }
    [[nodiscard]] Offset end() const { return m_phases.empty() ? Offset{} : m_phases.back().end; }

private:
    void followStages(const Settings &settings);
    void followArrivals(const Settings &settings);
    void addChange(const Change &change);
    void cutWarmUp(Offset warmUp);
    void nameApart();

    std::vector<Phase> m_phases;
    std::vector<Change> m_changes;
    std::vector<std::uint32_t> m_usersAfter; ///< each change
    std::vector<std::uint32_t> m_profiles;
    std::size_t m_profileCount = 0;
    std::uint32_t m_peak = 0;
};

} // namespace parlor::cli::load
