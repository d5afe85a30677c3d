// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/subcommand.h"

namespace CLI {
class App;
}

namespace parlor::cli::sink {

/// `parlor-cli sink`: a server that load generators are calibrated against.
void addSink(CLI::App &app, Runner &chosen);

} // namespace parlor::cli::sink
