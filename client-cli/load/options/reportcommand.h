// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/subcommand.h"

namespace CLI {
class App;
}

namespace parlor::cli::load {

/// `parlor-cli report RUN…`: a run's report once more, from its file; of several generators one report.
void addReport(CLI::App &app, Runner &chosen);

} // namespace parlor::cli::load
