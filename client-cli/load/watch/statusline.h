// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/runstatus.h"
#include "client-cli/load/watch/nonblockingoutput.h"

#include <string>

namespace parlor::cli::load {

/// How a run stands, in one line without its end. Pure.
[[nodiscard]] std::string statusLine(const RunStatus &status);

/// Writes the line to stderr once a second: in place on a terminal, else one after the other. Where nobody
/// reads it, a second's line is left out, and the run goes on.
class StatusPrinter final : public RunWatcher
{
public:
    StatusPrinter();
    /// Leaves the terminal's line free for what follows, and waits where the terminal does not take that.
    ~StatusPrinter() override;
    void second(const RunStatus &status) override;

private:
    NonBlockingOutput m_output;
    bool m_isTerminal;
};

} // namespace parlor::cli::load
