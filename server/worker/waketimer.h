// SPDX-License-Identifier: MIT
#pragma once

#include "server/transport/edgepoller.h"
#include "server/worker/timerwheel.h"

namespace parlor {

/// Makes a worker's poller ready at one moment, to some ten microseconds, where the wheel's tenth of a second
/// is too coarse (Linux: a timerfd). Worker's thread.
class WakeTimer final : private Pollable
{
public:
    explicit WakeTimer(EdgePoller &poller);
    ~WakeTimer();
    WakeTimer(const WakeTimer &) = delete;
    WakeTimer &operator=(const WakeTimer &) = delete;

    /// Wakes at this moment, in place of one that was set before; at once if it has passed.
    void wakeAt(TimerWheel::Time moment);

private:
    void onEvents(std::uint32_t events) override;

    EdgePoller &m_poller;
    int m_timer = -1;
};

} // namespace parlor
