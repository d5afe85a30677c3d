// SPDX-License-Identifier: MIT
#pragma once

#include "server/worker/connectionlimits.h"
#include "server/worker/timerwheel.h"

#include <chrono>
#include <cstdint>

namespace parlor {

/// By when a WebSocket must have shown life, and when its next ping is due. There are tens of thousands, most
/// of them idle: so moments are ticks of the worker's wheel (0: nothing is awaited), and what only few wait
/// for is kept apart, in Rare. Owned by a WebSocketConnection.
class Deadlines
{
public:
    using Tick = TimerWheel::Tick;
    struct Rare
    {
        std::uint32_t messageNumber = 0; ///< the unfinished message, as Reader::completed() counts
        Tick message = 0;                ///< for its end
        Tick progress = 0;               ///< for the kernel to take something of the queue
        Tick close = 0;                  ///< for the peer's part of the closing handshake
    };
    /// What they are set with.
    struct Clock
    {
        TimerWheel &wheel;
        WheelEntry &entry; ///< the connection: it hears when the earliest has passed
        std::chrono::steady_clock::time_point now;
        const ConnectionLimits &limits;
    };
    enum class Missed : std::uint8_t { Nothing, Pong, Message, Progress, Close };

    /// The tick behind `time`; the entry is woken then at the latest.
    [[nodiscard]] static Tick in(std::chrono::milliseconds time, const Clock &clock);

    /// The next ping, if the limits want pings; those of many clients that came at once drift apart.
    void startPings(const Clock &clock);
    /// Whether a ping is due now: then its answer is awaited, and the next one is set.
    [[nodiscard]] bool takePing(const Clock &clock);
    /// Something came, or could not be read for a while: the answer to a ping is awaited no longer.
    void heard() { m_pong = 0; }

    /// The message that is unfinished has this number: another one than before has its own time.
    static void awaitMessage(Rare &rare, std::uint32_t number, const Clock &clock);
    /// The kernel took only a part.
    static void awaitProgress(Rare &rare, const Clock &clock);

    enum class Input : std::uint8_t { Read, Held }; ///< while it is held, nothing that it lacks is missed
    [[nodiscard]] Missed missed(const Rare &rare, Input input, const TimerWheel &wheel) const;
    /// The entry is woken for the earliest of all; one that has passed: at the next tick.
    void schedule(const Rare &rare, const Clock &clock) const;

private:
    Tick m_ping = 0;
    Tick m_pong = 0;
};

} // namespace parlor
