// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/runrecord.h"
#include "shared/protocol/result.h"

namespace parlor::cli::load {

/// How a run stands, once a second. Valid during the call that hands it over.
struct RunStatus
{
    /// All so far; its last second is the one that has just ended.
    const RunRecord &record;
    Offset now{};
    Offset end{}; ///< by the plan
    std::string_view phase{};
    /// What the record would say of messages and deliveries if all that is under way now never came.
    MessageCounts messages{};
    /// Without what is outstanding: a delivery is lost once a later message is here.
    DeliveryCounts deliveries{};
    std::uint64_t outstanding = 0; ///< deliveries that may still be under way; lost at the end of the wait
    bool isDraining = false;       ///< nobody is to come or to speak any more
};

/// Who looks at a run while it lasts: a screen, an exporter. Called in the thread that controls the run.
class RunWatcher
{
public:
    virtual ~RunWatcher() = default;
    RunWatcher() = default;
    RunWatcher(const RunWatcher &) = delete;
    RunWatcher &operator=(const RunWatcher &) = delete;

    /// Called once, before the first user comes. The run has forked by then: here a watcher starts its
    /// threads. An error ends the run.
    [[nodiscard]] virtual Result<void> begin() { return {}; }
    virtual void second(const RunStatus &status) = 0;
};

} // namespace parlor::cli::load
