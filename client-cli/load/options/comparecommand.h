// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/subcommand.h"

namespace CLI {
class App;
}

namespace parlor::cli::load {

/// `parlor-cli compare BASE… -- NEW…`: what differs between the runs of two sides, from their files.
void addCompare(CLI::App &app, Runner &chosen);

} // namespace parlor::cli::load
