// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/clock.h"

namespace parlor {

/// A token bucket that keeps us under the rate that the server announced. Waiting for refusals instead would
/// cost the connection: after the third within ten seconds the server closes with 4101.
class RatePacer
{
public:
    explicit RatePacer(Clock clock);

    /// `rate`: requests a second, 0 means no limit; `burst`: at once. The same terms again keep what was
    /// used.
    void setTerms(double rate, double burst);
    /// How long to wait until `cost` requests may go.
    [[nodiscard]] std::chrono::milliseconds waitFor(double cost) const;
    void charge(double cost);
    /// The server counts differently: start from nothing.
    void drain();

private:
    [[nodiscard]] double available() const;

    Clock m_clock;
    double m_rate = 0;
    double m_burst = 0;
    double m_tokens = 0;
    std::chrono::milliseconds m_at{};
};

} // namespace parlor
