// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/subcommand.h"

namespace CLI {
class App;
}

namespace parlor::cli::load {

/// `parlor-cli max URL --goal EXPR`: the highest message rate that a server bears.
void addMax(CLI::App &app, Runner &chosen);

} // namespace parlor::cli::load
