// SPDX-License-Identifier: MIT
#include "client-cli/load/accounting/markedmembership.h"

#include <algorithm>
#include <unordered_set>

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
    if (!m_heard || index < m_heard->first())
        return receivedEarly(index);
    const bool overtaken = isOvertaken(index);
    if (!m_heard->mark(index)) {
        ++m_counts.doubled;
        return Receipt::NoTiming;
    }
    if (overtaken)
        ++m_counts.reordered;
    if (index < owedBegin() || (m_stopIndex && index >= *m_stopIndex))
        ++m_counts.ambiguous;
    else
        ++m_counts.received;
    m_ledger.noteHeard(m_member, index, m_epoch);
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
    while (later != 0 && !m_heard->isMarked(later))
        later = m_ledger.entry(later).next;
    return later != 0;
}

bool MarkedMembership::isUnheard(std::uint64_t index) const
{
    const Fate fate = m_ledger.entry(index).fate;
    return !m_heard->isMarked(index) && fate != Fate::Refused && fate != Fate::Unknown;
}

bool MarkedMembership::isSettled()
{
    for (std::uint64_t i = unheardBegin(); i < unheardEnd(); ++i) {
        if (isUnheard(i))
            return false;
    }
    return true;
}

Missing MarkedMembership::missing() const
{
    Missing missing;
    if (!m_heard || unheardBegin() >= unheardEnd())
        return missing;
    std::unordered_set<std::uint32_t> heardLater; // their senders
    for (std::uint64_t i = m_ledger.end(); i-- > unheardBegin();) {
        if (m_heard->isMarked(i))
            heardLater.insert(m_ledger.entry(i).sender);
        else if (i < unheardEnd() && isUnheard(i))
            ++(heardLater.contains(m_ledger.entry(i).sender) ? missing.holes : missing.awaited);
    }
    return missing;
}

/// A refused message is owed to nobody, and one of unknown fate may still come for a while.
std::uint64_t MarkedMembership::needsFrom(Offset now)
{
    if (!m_heard)
        return m_ledger.begin();
    const auto isOwed = [this](std::uint64_t index) { return index >= owedBegin() && isUnheard(index); };
    while (m_heard->base() < m_ledger.end() && !isOwed(m_heard->base()) &&
           (m_ledger.entry(m_heard->base()).fate == Fate::Refused ||
            m_ledger.entry(m_heard->base()).sentAt + kUnderWay < now))
        m_heard->skipBase();
    return m_heard->base();
}

} // namespace parlor::cli::load
