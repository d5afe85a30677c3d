// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>

namespace parlor::cli::load {

/// A scenario that the program brings along.
struct Preset
{
    std::string_view name;
    std::string_view about; ///< for the help
    std::string_view text;  ///< a scenario; people may copy and change it
};

[[nodiscard]] std::span<const Preset> presets();

} // namespace parlor::cli::load
