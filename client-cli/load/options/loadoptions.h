// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/options/namedfiles.h"
#include "client-cli/load/options/settingsmaker.h"
#include "client-cli/load/watch/livescreen.h"
#include "client-cli/load/watch/prometheuswatcher.h"

#include <cstdint>
#include <string>
#include <vector>

namespace parlor::cli::load {

/// Where a run's figures are kept besides what stdout says; empty: not.
struct OutputPaths
{
    std::string json;
    std::string csv;
    std::string junit;
    std::string hgrm;
    std::string html;
};

/// What one `load` shall do, and where it shall say so; checked.
struct LoadOptions
{
    MadeSettings load;
    OutputPaths outputs;
    std::vector<NamedFile> inputs; ///< that no output may overwrite
    std::string baseline;          ///< the file of a run that the page is compared with; empty: none
    Tui tui = Tui::Auto;
    std::uint64_t watchedPid = 0; ///< of a process whose CPU and memory are measured, too; 0: none
    PrometheusOptions prometheus;
    Offset linger = std::chrono::seconds(15); ///< after the end, for a last scrape
    bool isQuiet = false;
    bool isDryRun = false;
    std::vector<std::string> arguments; ///< the command line, for the record
};

} // namespace parlor::cli::load
