// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace parlor {

/// One `name = value` of a configuration file.
struct ConfigEntry
{
    int line = 0;
    std::string name;
    std::vector<std::string> values; ///< one, unless isArray
    bool isArray = false;
};

/// Reads the part of TOML that options need: names, strings, numbers, arrays of them, comments, a byte order
/// mark before all; no tables, of escapes only \" and \\. Not CLI11's reader, which cuts strings at a '#',
/// knows no lines and skips what it does not understand. An error's text begins with `name`, and the line
/// where there is one.
[[nodiscard]] Result<std::vector<ConfigEntry>> parseConfig(std::string_view text, const std::string &name);
/// The file at `path`, of at most 1 MiB.
[[nodiscard]] Result<std::vector<ConfigEntry>> readConfigFile(const std::string &path);
/// How parseConfig() reads `text` back: bare if it is a number, else quoted.
[[nodiscard]] std::string configValue(std::string_view text);

} // namespace parlor
