// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/subcommand.h"

namespace CLI {
class App;
}

namespace parlor::cli::admin {

/// Declares `admin`: what the server's admin API can do.
void addAdmin(CLI::App &app, Runner &chosen);

} // namespace parlor::cli::admin
