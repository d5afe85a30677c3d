// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/subcommand.h"

namespace CLI {
class App;
}

namespace parlor::cli {

/// Declares `probe`: which hosts serve behind an address, and whether a cookie keeps a client on one.
void addProbe(CLI::App &app, Runner &chosen);

} // namespace parlor::cli
