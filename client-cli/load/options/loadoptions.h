// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/settings.h"
#include "client-cli/load/wire/target.h"

#include <optional>
#include <string>
#include <vector>

namespace parlor::cli::load {

/// What one `load` shall do, and where it shall say so; checked.
struct LoadOptions
{
    Settings settings;
    Target target;
    std::optional<std::string> resultFile;
    bool quiet = false;
    std::vector<std::string> arguments; ///< the command line, for the record
};

} // namespace parlor::cli::load
