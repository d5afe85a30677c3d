// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/options/loadoptions.h"
#include "client-cli/load/record/runstatus.h"
#include "client-cli/load/record/secondsource.h"

#include <memory>
#include <vector>

namespace parlor::cli::load {

class ProcessWatch;
class PrometheusWatcher;

/// All that looks at a run while it lasts, as the command line wants it. Made before the run, so that what
/// cannot be had is told then.
class Observers
{
public:
    /// The error names the flag.
    [[nodiscard]] static Result<Observers> open(const LoadOptions &options);
    Observers(Observers &&) noexcept;
    Observers &operator=(Observers &&) noexcept;
    ~Observers();

    [[nodiscard]] std::vector<RunWatcher *> watchers() const;
    [[nodiscard]] std::vector<SecondSource *> sources() const;

    /// The record gets what was measured here, and what its reader should know.
    void finish(RunRecord &record);
    /// The terminal is free for other text. Waits where the terminal does not take what that needs (Ctrl-S):
    /// called once the files of the run are written.
    void leaveTerminal();
    /// Waits until the last metrics were sent, where they are sent, and read, where they can be read, but no
    /// longer than the command line says. Tells people what did not arrive. `interrupts`: readable when
    /// nobody wants to wait any more.
    void linger(int interrupts);

private:
    Observers();

    std::unique_ptr<RunWatcher> m_progress;
    std::unique_ptr<ProcessWatch> m_watch;
    std::unique_ptr<PrometheusWatcher> m_prometheus;
    Offset m_linger{};
};

} // namespace parlor::cli::load
