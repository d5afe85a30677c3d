// SPDX-License-Identifier: MIT
#pragma once

namespace parlor::cli {

/// What every sub-command's exit code means.
namespace exitcode {
inline constexpr int kOk = 0;
inline constexpr int kFailed = 1; ///< an expectation was not met, or something that was sent was refused
inline constexpr int kUsage = 2;
inline constexpr int kNoConnection = 3; ///< none came about, or it ended for good
/// Of load and probe: what came out could not be written where it was wanted.
inline constexpr int kNotWritten = 4;
// of load; k6's numbers, which scripts know, where it has one
inline constexpr int kIncomplete = 97; ///< not all that was planned was sent and answered
/// Deliveries were lost, doubled, out of order, corrupt or unexpected, or a message was never answered.
inline constexpr int kIncorrect = 98;
inline constexpr int kThreshold = 99;    ///< a threshold was not met
inline constexpr int kScenario = 104;    ///< a mistake in the scenario, or it cannot be read
inline constexpr int kInterrupted = 105; ///< by the person, before its time
} // namespace exitcode

} // namespace parlor::cli
