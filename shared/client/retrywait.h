// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/backoff.h"
#include "shared/client/chattypes.h"
#include "shared/client/clientoptions.h"

namespace parlor {

/// How long to wait before a request that the server refused for now is sent again: as long as it advises,
/// but within bounds of our own. One for each thing that is asked for.
class RetryWait
{
public:
    explicit RetryWait(const ClientOptions &options);

    /// After one more refusal. From one to the next the least wait doubles, drawn at random up to a factor of
    /// two, so that advice of 0 is no invitation to a loop.
    [[nodiscard]] std::chrono::milliseconds after(const Refusal &refusal);
    /// It worked.
    void reset() { m_least.reset(); }

private:
    Backoff m_least;
    std::chrono::milliseconds m_withoutAdvice;
};

} // namespace parlor
