// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/random.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace parlor::cli::load {

/// Time since the run began. All of the plan is in it, so that nothing here reads a clock.
using Offset = std::chrono::microseconds;

/// Within `duration` the number of users goes in a straight line from the last stage's to this one.
struct Stage
{
    Offset duration{};
    std::uint32_t users = 0;
    std::string name{};     ///< for people; empty: one that is made of the numbers
    bool isMeasured = true; ///< its latencies count in the run's
    bool operator==(const Stage &) const = default;
};

/// Within `duration` the rate at which users come goes in a straight line from the last stage's to this one;
/// the first stage begins with its own.
struct ArrivalStage
{
    Offset duration{};
    double perSecond = 0;
    std::string name{};
    bool isMeasured = true;
    bool operator==(const ArrivalStage &) const = default;
};

/// A stage with its place in time and a name for people.
struct Phase
{
    std::string name; ///< "ramp 0-50", "hold 50"
    Offset begin{};
    Offset end{};
    std::uint32_t from = 0; ///< users; with arrivals: as many as there are then
    std::uint32_t to = 0;
    bool isMeasured = true;
    bool operator==(const Phase &) const = default;
};

/// When which user comes and goes: users are numbered from 0, the last to come is the first to go. Pure.
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

    explicit Plan(const std::vector<Stage> &stages);

    /// In the order of time. Those who are left at the end go then.
    [[nodiscard]] const std::vector<Change> &changes() const { return m_changes; }
    [[nodiscard]] const std::vector<Phase> &phases() const { return m_phases; }
    /// The phase of a moment; the last one for all that is later.
    [[nodiscard]] std::size_t phaseAt(Offset at) const;
    [[nodiscard]] std::uint32_t usersAt(Offset at) const;
    [[nodiscard]] std::uint32_t peakUsers() const { return m_peak; }
    [[nodiscard]] Offset end() const { return m_phases.empty() ? Offset{} : m_phases.back().end; }

private:
    std::vector<Phase> m_phases;
    std::vector<Change> m_changes;
    std::uint32_t m_peak = 0;
};

/// When one user speaks: at fixed intervals, whatever the server does, from a random point of the first one
/// (else all users who came together would speak together). Pure.
class SpeakingTimes
{
public:
    SpeakingTimes() = default;
    /// `perSecond` > 0. The same seed and user have the same times in every run.
    SpeakingTimes(Offset begin, double perSecond, std::uint64_t seed, std::uint32_t user);

    /// The n-th moment, counted from 0; computed from n, so that nothing adds up.
    [[nodiscard]] Offset at(std::uint64_t n) const;

private:
    double m_first = 0; ///< µs
    double m_interval = 0;
};

/// Bytes of a message's content, both bounds included.
struct SizeRange
{
    std::size_t least = 128;
    std::size_t most = 128;
    bool operator==(const SizeRange &) const = default;
};

/// How long one user's messages are, one after the other. The same seed and user have the same sizes in every
/// run, whatever the others do. Pure.
class MessageSizes
{
public:
    MessageSizes(SizeRange range, std::uint64_t seed, std::uint32_t user);

    [[nodiscard]] std::size_t next() { return m_random.between(m_range.least, m_range.most); }

private:
    SizeRange m_range;
    Random m_random;
};

} // namespace parlor::cli::load
