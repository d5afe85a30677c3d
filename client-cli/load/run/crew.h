// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/run/interval.h"
#include "client-cli/load/run/share.h"
#include "client-cli/load/run/stopsignal.h"

#include <vector>

namespace parlor::cli::load {

/// Who executes the shares of a run: threads, or processes with threads. Owned, started and asked by the
/// thread that controls the run; its destructor ends what is under way, and waits for that.
class Crew
{
public:
    /// A share, and the number by which its intervals name it.
    struct Part
    {
        std::uint32_t number = 0;
        Share share;
    };

    virtual ~Crew() = default;
    Crew(const Crew &) = delete;
    Crew &operator=(const Crew &) = delete;

    virtual void stop(StopSignal::Level level) = 0;
    /// What came, of each part in the order of its seconds. Each part has a last one, however it ends.
    [[nodiscard]] virtual std::vector<Interval> take() = 0;
    /// Measurements of an interval, that are needed no more.
    virtual void giveBack(Measurements &&measurements) = 0;

    /// Readable when take() may have something.
    [[nodiscard]] virtual int descriptor() const = 0;

protected:
    Crew() = default;
};

} // namespace parlor::cli::load
