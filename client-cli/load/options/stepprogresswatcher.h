// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/settings.h"
#include "client-cli/load/record/runstatus.h"
#include "client-cli/load/watch/nonblockingoutput.h"

namespace parlor::cli::load {

/// How far a step of `max` is: a line on stderr that is rewritten each second, and cleared at the end.
/// Nothing where stderr is no terminal. Lives as long as the step runs.
class StepProgressWatcher final : public RunWatcher
{
public:
    /// Of the step.
    explicit StepProgressWatcher(const Settings &settings);
    ~StepProgressWatcher() override;
    void second(const RunStatus &status) override;

private:
    void show(Offset left) const;

    double m_rate; ///< messages a second of all users
    NonBlockingOutput m_output;
    bool m_isTerminal;
};

} // namespace parlor::cli::load
