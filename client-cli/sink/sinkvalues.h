// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/sink/sinkoptions.h"
#include "shared/protocol/result.h"

#include <string_view>
#include <utility>

/// Option texts to values. An error says what is wrong and shows what would be right. Pure.
namespace parlor::cli::sink {

/// 0.1%, or 0.001; from 0 to 1.
[[nodiscard]] Result<double> parseShare(std::string_view text);
/// 2s@30s
[[nodiscard]] Result<Stall> parseStall(std::string_view text);
/// drop@5:1: on message 5 of every room, for the receiver that joined it first.
[[nodiscard]] Result<PlannedFault> parsePlannedFault(std::string_view text);
/// 127.0.0.1:8009, [::1]:8009
[[nodiscard]] Result<std::pair<std::string, std::uint16_t>> parseListen(std::string_view text);

} // namespace parlor::cli::sink
