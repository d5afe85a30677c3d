// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/loadrun.h"

namespace parlor::cli::load {

/// How a run stands, in one line without its end. Pure.
[[nodiscard]] std::string statusLine(const RunStatus &status);

/// Writes the line to stderr once a second: in place on a terminal, else one after the other.
class StatusPrinter
{
public:
    StatusPrinter();
    void print(const RunStatus &status);
    /// Leaves the terminal's line free for what follows.
    void finish();

private:
    bool m_isTerminal;
};

} // namespace parlor::cli::load
