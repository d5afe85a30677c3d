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

    /// How long to wait after one more refusal. The least wait doubles from refusal to refusal, drawn at
    /// random up to a factor of two, so that a server's advice of 0 does not make a loop.
    [[nodiscard]] std::chrono::milliseconds after(const Refusal &refusal);
    /// The request was granted: the next refusal starts anew.
    void reset() { m_least.reset(); }

private:
    Backoff m_least;
    std::chrono::milliseconds m_withoutAdvice;
};

} // namespace parlor
