// SPDX-License-Identifier: MIT
#include "server/worker/timerwheel.h"

#include <algorithm>

namespace parlor {

void WheelEntry::unlink()
{
    if (!m_next)
        return;
    m_next->m_previous = m_previous;
    m_previous->m_next = m_next;
    m_next = m_previous = nullptr;
}

TimerWheel::Head::Head()
{
    m_next = m_previous = this;
}

TimerWheel::TimerWheel(Time now)
    : m_now(tickOf(now))
{
}

TimerWheel::~TimerWheel()
{
    for (const Head &slot : m_slots) {
        while (WheelEntry *const entry = first(slot))
            entry->unlink();
    }
}

WheelEntry *TimerWheel::first(const Head &head)
{
    return head.m_next == &head ? nullptr : static_cast<WheelEntry *>(head.m_next);
}

TimerWheel::Tick TimerWheel::tickOf(Time time)
{
    return static_cast<Tick>(std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()) / kTick);
}

void TimerWheel::link(Head &head, WheelEntry &entry)
{
    entry.m_next = &head;
    entry.m_previous = head.m_previous;
    head.m_previous->m_next = &entry;
    head.m_previous = &entry;
}

void TimerWheel::schedule(WheelEntry &entry, Tick deadline)
{
    entry.unlink();
    entry.m_tick = std::max(deadline, m_now + 1);
    link(m_slots[entry.m_tick % kSlots], entry);
}

void TimerWheel::scheduleAtMost(WheelEntry &entry, Tick deadline)
{
    if (!entry.m_next || deadline < entry.m_tick)
        schedule(entry, deadline);
}

void TimerWheel::advance(Time now)
{
    const Tick target = tickOf(now);
    // After a long sleep one round visits every slot.
    const Tick from = std::max(m_now + 1, target < kSlots ? 0 : target - kSlots + 1);
    m_now = target;
    for (Tick tick = from; tick <= target; ++tick) {
        Head &slot = m_slots[tick % kSlots];
        Head due; // apart, since handlers may put entries into this very slot
        while (WheelEntry *const entry = first(slot)) {
            entry->unlink();
            link(due, *entry);
        }
        while (WheelEntry *const entry = first(due)) {
            entry->unlink();
            if (entry->m_tick <= target)
                entry->onDeadline();
            else
                link(slot, *entry); // a later round's
        }
    }
}

} // namespace parlor
