// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/subcommand.h"

namespace CLI {
class App;
}

namespace parlor::cli::load {

/// `parlor-cli doctor -c 50000`: whether this machine can hold so many connections, and what to do if not.
void addDoctor(CLI::App &app, Runner &chosen);

} // namespace parlor::cli::load
