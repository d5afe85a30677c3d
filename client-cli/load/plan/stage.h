// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

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

} // namespace parlor::cli::load
