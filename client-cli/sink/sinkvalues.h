// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/hostandport.h"
#include "client-cli/sink/sinkoptions.h"
#include "shared/protocol/result.h"

#include <string_view>

/// Option texts to values. An error says what is wrong and shows what would be right. Pure.
namespace parlor::cli::sink {

/// 0.1%, or 0.001; from 0 to 1.
[[nodiscard]] Result<double> parseShare(std::string_view text);
/// 2s@30s
[[nodiscard]] Result<Stall> parseStall(std::string_view text);
/// drop@5:1: on message 5 of every room, for the receiver that joined it first.
[[nodiscard]] Result<PlannedFault> parsePlannedFault(std::string_view text);
/// 50ms; from 0s to 1h
[[nodiscard]] Result<std::chrono::milliseconds> parseSinkTime(std::string_view text);
[[nodiscard]] Result<std::uint64_t> parseSeed(std::string_view text);
/// 127.0.0.1:8009, [::1]:8009
[[nodiscard]] Result<HostAndPort> parseListen(std::string_view text);

} // namespace parlor::cli::sink
