// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/judgement/thresholds.h"
#include "client-cli/load/record/runrecord.h"

#include <cstdint>
#include <string>
#include <vector>

namespace parlor::cli::load {

enum class Verdict : std::uint8_t {
    Passed,
    NeverReached,
    Incorrect,
    Interrupted,
    Incomplete, ///< what was measured is right, but not all that was planned was sent and answered, or the
                ///< run isWithoutDeliveries()
    ThresholdFailed,
    GeneratorLimited, ///< the generator did not keep up, and the settings are strict
};

/// How a run went.
struct Judgement
{
    Verdict verdict = Verdict::Passed;
    std::vector<ThresholdResult> thresholds; ///< of the settings' thresholds, in their order
    std::vector<std::string> limits;         ///< why the generator cannot be trusted; empty: it can
};

/// One kind of what made a run incorrect.
struct CountedFault
{
    std::uint64_t count = 0; ///< above zero
    std::string name;        ///< "lost", "out of order"
};

/// What went wrong with deliveries and answers; empty: nothing. Rooms that are split are not among it.
[[nodiscard]] std::vector<CountedFault> faultsOf(const Measurements &measurements);
/// "3 lost, 1 doubled"; what has no count is left out.
[[nodiscard]] std::string listOf(const std::vector<CountedFault> &faults);

/// Messages were answered, and no receiver was owed a delivery, or counted one: nothing is known of them.
[[nodiscard]] bool isWithoutDeliveries(const RunRecord &record);

/// The worst counts: never reached, then incorrect, then interrupted, then incomplete, then a threshold, then
/// the generator. Pure: the same record has the same judgement, now and from a file.
[[nodiscard]] Judgement judge(const RunRecord &record);
[[nodiscard]] std::string_view toString(Verdict verdict);
[[nodiscard]] int exitCodeOf(Verdict verdict);

} // namespace parlor::cli::load
