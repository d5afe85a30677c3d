// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace parlor {

/// A place in a ring of places.
class WheelLink
{
    friend class TimerWheel;
    friend class WheelEntry;
    WheelLink *m_next = nullptr; ///< null: it is in no ring
    WheelLink *m_previous = nullptr;
};

/// Something with one deadline. Leaves its wheel when it is destroyed.
class WheelEntry : private WheelLink
{
public:
    WheelEntry() = default;
    WheelEntry(const WheelEntry &) = delete;
    WheelEntry &operator=(const WheelEntry &) = delete;
    virtual ~WheelEntry() { unlink(); }

protected:
    /// The deadline has passed; it is in no wheel any more.
    virtual void onDeadline() = 0;

private:
    friend class TimerWheel;
    void unlink();
    std::uint32_t m_tick = 0;
};

/// All deadlines of a worker, to a tenth of a second, in constant time each however many there are.
class TimerWheel
{
public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::milliseconds kTick{100};
    /// A number of ticks since the clock's epoch: enough for 13 years. 0 is never a deadline.
    using Tick = std::uint32_t;

    explicit TimerWheel(Time now);
    TimerWheel(const TimerWheel &) = delete;
    TimerWheel &operator=(const TimerWheel &) = delete;
    ~TimerWheel();

    /// The entry's deadline is now this one, and no other; it fires at it or up to two ticks later, never
    /// before.
    void schedule(WheelEntry &entry, Time deadline) { schedule(entry, after(deadline)); }
    void schedule(WheelEntry &entry, Tick deadline);
    /// As schedule(), unless the entry waits for an earlier one already.
    void scheduleAtMost(WheelEntry &entry, Time deadline) { scheduleAtMost(entry, after(deadline)); }
    void scheduleAtMost(WheelEntry &entry, Tick deadline);
    void cancel(WheelEntry &entry) { entry.unlink(); }
    /// Calls onDeadline() of all that are due. They may schedule and destroy entries, themselves included.
    void advance(Time now);

    /// The first tick that begins after the deadline.
    [[nodiscard]] static Tick after(Time deadline) { return tickOf(deadline) + 1; }
    /// Whether advance() has come so far.
    [[nodiscard]] bool hasPassed(Tick deadline) const { return deadline <= m_now; }

private:
    /// A ring's first place, which no entry has.
    class Head : public WheelLink
    {
    public:
        Head();
    };
    static constexpr Tick kSlots = 512;

    [[nodiscard]] static Tick tickOf(Time time);
    static void link(Head &head, WheelEntry &entry);
    [[nodiscard]] static WheelEntry *first(const Head &head);

    std::array<Head, kSlots> m_slots;
    Tick m_now;
};

} // namespace parlor
