// SPDX-License-Identifier: MIT
#pragma once

#include "tests/bench/client/traffic.h"

#include <functional>

namespace parlor::bench {

/// An open loop: messages at times that are fixed beforehand, whatever the server does; a room takes its
/// turn. Latency runs from the planned time.
class FixedRate final : public Traffic
{
public:
    explicit FixedRate(const Options &options);

    /// For so long, and for as long as `goesOn` says.
    [[nodiscard]] Phase run(std::chrono::milliseconds duration, const std::function<bool()> &goesOn = {});

private:
    void onDelivery(Member &member, std::uint32_t number) override;

    ServerProbe m_probe;
    std::vector<std::vector<Clock::time_point>> m_planned; ///< by room and number
    std::vector<Clock::duration> m_latencies;
};

} // namespace parlor::bench
