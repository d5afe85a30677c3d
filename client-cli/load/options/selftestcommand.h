// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace parlor::cli::load {

/// `parlor-cli load --self-test`: what this generator can do on this machine. 0 threads: one for each
/// core but that of the sink. Returns the exit code.
[[nodiscard]] int runSelfTest(std::uint32_t wantedThreads);

} // namespace parlor::cli::load
