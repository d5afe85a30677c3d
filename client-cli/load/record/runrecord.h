// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/plan.h"
#include "client-cli/load/plan/settings.h"
#include "client-cli/load/record/measurements.h"
#include "client-cli/load/record/second.h"

#include <optional>
#include <string>
#include <vector>

namespace parlor::cli::load {

/// The machine that a generator ran on.
struct Machine
{
    std::string host;
    std::string system; ///< "Linux 6.1.0 x86_64"
    std::uint32_t cores = 0;
    bool operator==(const Machine &) const = default;
};

/// How busy one thread of the generator was.
struct ThreadHealth
{
    double meanCpu = 0;            ///< of one core
    double peakCpu = 0;            ///< in its busiest second
    std::uint32_t seconds = 0;     ///< that it ran
    std::uint32_t busySeconds = 0; ///< in which it took more than kBusyCpu
    static constexpr double kBusyCpu = 0.9;

    /// Called once a second.
    void addSecond(double cpu);
    bool operator==(const ThreadHealth &) const = default;
};

/// A process that was watched during the run (--watch-pid), most often the server.
struct WatchedProcess
{
    std::uint64_t pid = 0;
    std::string name;
    double meanCpu = 0; ///< cores
    double peakCpu = 0;
    std::uint64_t peakMemory = 0; ///< bytes, resident
    bool hasEnded = false;        ///< before the run did
    bool operator==(const WatchedProcess &) const = default;
};

/// All that a run leaves behind. Reports, judgements and comparisons are made of it alone, so that a file of
/// it says as much as the run did.
struct RunRecord
{
    std::string program;                ///< "parlor-cli 1.0"
    std::string id;                     ///< of this run; Prometheus' label run_id
    std::string begun;                  ///< wall time, ISO 8601
    std::vector<std::string> arguments; ///< the command line, without secrets
    Settings settings;
    Machine machine;
    std::vector<Phase> phases;
    Offset duration{};
    std::uint32_t peakUsers = 0;
    bool isInterrupted = false;
    Measurements measurements;
    std::vector<Second> seconds; ///< one after the other; the last one may be shorter
    std::vector<ThreadHealth> threads;
    double stolen = 0;                   ///< of the machine's CPU time, what its host gave to others
    std::vector<WatchedProcess> watched; ///< none, one; or, of merged runs, more
    std::vector<std::string> notes;      ///< what the reader of a report should know; a sentence each

    /// In which something was planned: without the wait at the end for what is still owed.
    [[nodiscard]] Offset plannedTime() const;
    /// Up to the last delivery, and never less than plannedTime(): what a server delivers late takes longer.
    [[nodiscard]] Offset deliveringTime() const;
    /// More than one if runs were merged: `id` has the ids of all, with '+' between.
    [[nodiscard]] std::size_t generators() const;
    bool operator==(const RunRecord &) const = default;
};

} // namespace parlor::cli::load
