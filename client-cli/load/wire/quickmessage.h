// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace parlor::cli::load {

/// What a delivery needs of a room's message.
struct QuickMessage
{
    std::uint64_t seq = 0;
    std::string_view room{};    ///< in the frame
    std::string_view content{}; ///< the same
};

/// Reads a v2 message of exactly the form that parlor-server writes, without a JSON parser: the same fields
/// in the same order, no space, no escape. nullopt: it is anything else, and the decoder's. What it reads,
/// the decoder would read to the same values. `frame`: valid UTF-8.
[[nodiscard]] std::optional<QuickMessage> readQuickly(std::string_view frame);

} // namespace parlor::cli::load
