// SPDX-License-Identifier: MIT
#include "server/worker/deadlines.h"

#include <random>

namespace parlor {

namespace {

/// ± 10 %.
std::chrono::milliseconds jittered(std::chrono::milliseconds interval)
{
    thread_local std::minstd_rand random{std::random_device{}()};
    const std::int64_t tenth = interval.count() / 10;
    return interval +
           std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(-tenth, tenth)(random));
}

bool hasPassed(Deadlines::Tick deadline, const TimerWheel &wheel)
{
    return deadline != 0 && wheel.hasPassed(deadline);
}

} // namespace

Deadlines::Tick Deadlines::in(std::chrono::milliseconds time, const Clock &clock)
{
    const Tick deadline = TimerWheel::after(clock.now + time);
    clock.wheel.scheduleAtMost(clock.entry, deadline);
    return deadline;
}

void Deadlines::startPings(const Clock &clock)
{
    if (clock.limits.ping.count() != 0)
        m_ping = in(jittered(clock.limits.ping), clock);
}

bool Deadlines::takePing(const Clock &clock)
{
    if (!hasPassed(m_ping, clock.wheel))
        return false;
    startPings(clock);
    if (m_pong == 0 && clock.limits.pongTimeout.count() != 0)
        m_pong = in(clock.limits.pongTimeout, clock);
    return true;
}

void Deadlines::awaitMessage(Rare &rare, std::uint32_t number, const Clock &clock)
{
    if (rare.message != 0 && rare.messageNumber == number)
        return;
    rare.messageNumber = number;
    rare.message = in(clock.limits.messageTimeout, clock);
}

void Deadlines::awaitProgress(Rare &rare, const Clock &clock)
{
    if (rare.progress == 0 && clock.limits.stallTimeout.count() != 0)
        rare.progress = in(clock.limits.stallTimeout, clock);
}

Deadlines::Missed Deadlines::missed(const Rare &rare, Input input, const TimerWheel &wheel) const
{
    if (hasPassed(rare.close, wheel))
        return Missed::Close;
    if (input == Input::Read && hasPassed(m_pong, wheel))
        return Missed::Pong;
    if (input == Input::Read && hasPassed(rare.message, wheel))
        return Missed::Message;
    return hasPassed(rare.progress, wheel) ? Missed::Progress : Missed::Nothing;
}

void Deadlines::schedule(const Rare &rare, const Clock &clock) const
{
    for (const Tick deadline : {m_ping, m_pong, rare.message, rare.progress, rare.close}) {
        if (deadline != 0)
            clock.wheel.scheduleAtMost(clock.entry, deadline);
    }
}

} // namespace parlor
