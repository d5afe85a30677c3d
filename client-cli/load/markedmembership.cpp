// SPDX-License-Identifier: MIT
#include "client-cli/load/markedmembership.h"

#include <algorithm>

namespace parlor::cli::load {

Receipt MarkedMembership::received(const Delivery &delivery)
{
    if (!isOfThisRoom(delivery.content))
        return Receipt::NoTiming;
    const std::uint64_t index = delivery.content.marker.index;
    if (m_ledger.entry(index).fate == Fate::Refused) {
        ++m_counts.unexpected;
        return Receipt::NoTiming;
    }
    if (!m_window || index < m_window->first())
        return receivedEarly(index);
    const bool overtaken = isOvertaken(index);
    if (!m_window->mark(index)) {
        ++m_counts.doubled;
        return Receipt::NoTiming;
    }
    if (overtaken)
        ++m_counts.reordered;
    if (m_end && index >= *m_end)
        ++m_counts.ambiguous;
    else
        ++m_counts.received;
    return delivery.content.state == MarkedContent::State::Intact ? Receipt::First : Receipt::NoTiming;
}

Receipt MarkedMembership::receivedEarly(std::uint64_t index)
{
    if (std::find(m_early.begin(), m_early.end(), index) != m_early.end()) {
        ++m_counts.doubled;
        return Receipt::NoTiming;
    }
    m_early.push_back(index);
    if (m_ledger.entry(index).sentAt + kUnderWay < m_joinSent) {
        ++m_counts.unexpected;
        return Receipt::NoTiming;
    }
    ++m_counts.ambiguous;
    return Receipt::First;
}

bool MarkedMembership::isOvertaken(std::uint64_t index) const
{
    std::uint64_t later = m_ledger.entry(index).next;
    while (later != 0 && !m_window->isMarked(later))
        later = m_ledger.entry(later).next;
    return later != 0;
}

bool MarkedMembership::isOwed(std::uint64_t index) const
{
    const Fate fate = m_ledger.entry(index).fate;
    return fate != Fate::Refused && fate != Fate::Unknown;
}

bool MarkedMembership::isSettled()
{
    for (std::uint64_t i = m_window->base(); i < *m_end; ++i) {
        if (!m_window->isMarked(i) && isOwed(i))
            return false;
    }
    return true;
}

void MarkedMembership::finish(Ending ending)
{
    if (!m_window)
        return;
    for (std::uint64_t i = m_window->base(); i < m_end.value_or(m_ledger.end()); ++i) {
        if (m_window->isMarked(i) || !isOwed(i))
            continue;
        if (ending == Ending::Left || isOvertaken(i))
            ++m_counts.lost;
        else
            ++m_counts.excused;
    }
}

std::uint64_t MarkedMembership::outstanding() const
{
    return m_window ? m_window->missingBefore(m_end.value_or(m_ledger.end())) : 0;
}

std::uint64_t MarkedMembership::needsFrom(Offset now)
{
    if (!m_window)
        return m_ledger.begin();
    while (m_window->base() < m_ledger.end() && !isOwed(m_window->base()) &&
           m_ledger.entry(m_window->base()).sentAt + kUnderWay < now)
        m_window->skipBase();
    return m_window->base();
}

} // namespace parlor::cli::load
