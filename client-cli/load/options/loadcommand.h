// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/subcommand.h"

namespace CLI {
class App;
}

namespace parlor::cli::load {

/// `parlor-cli load URL`: many users on a chat server, and what became of every message.
void addLoad(CLI::App &app, Runner &chosen);

} // namespace parlor::cli::load
