// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>

namespace parlor::cli {

/// The name among `known` that is most like `name`, for people who mistyped it; empty: none is. Pure.
[[nodiscard]] std::string_view nearestOf(std::string_view name, std::span<const std::string_view> known);

} // namespace parlor::cli
