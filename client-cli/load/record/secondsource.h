// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/second.h"

namespace parlor::cli::load {

/// Who knows something of a second that the run itself does not: the CPU of a watched process. Called in the
/// thread that controls the run, before the second's row is added to the record and watchers see it.
class SecondSource
{
public:
    virtual ~SecondSource() = default;
    SecondSource() = default;
    SecondSource(const SecondSource &) = delete;
    SecondSource &operator=(const SecondSource &) = delete;

    /// Fills in what it knows; `second.end` is set. It must not wait for anything.
    virtual void fill(Second &second) = 0;
};

} // namespace parlor::cli::load
