// SPDX-License-Identifier: MIT
#pragma once

namespace parlor::cli {

/// What every sub-command's exit code means.
namespace exitcode {
inline constexpr int kOk = 0;
inline constexpr int kFailed = 1; ///< an expectation was not met, or something that was sent was refused
inline constexpr int kUsage = 2;
inline constexpr int kNoConnection = 3; ///< none came about, or it ended for good
} // namespace exitcode

} // namespace parlor::cli
