// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/subcommand.h"

namespace CLI {
class App;
}

namespace parlor::cli {

/// `parlor-cli chat URL`: a person or a script on a chat server.
void addChat(CLI::App &app, Runner &chosen);

} // namespace parlor::cli
