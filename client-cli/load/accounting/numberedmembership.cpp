// SPDX-License-Identifier: MIT
#include "client-cli/load/accounting/numberedmembership.h"

#include <algorithm>
#include <limits>
#include <set>

namespace parlor::cli::load {

void NumberedMembership::confirm(const Standing &standing)
{
    m_epoch = m_ledger.enterEpoch(standing.epoch, standing.seq, m_epochsAtJoin);
    m_window.emplace(standing.seq + 1);
    m_heard.emplace(m_ledger.end());
}

Receipt NumberedMembership::received(const Delivery &delivery)
{
    if (m_window && !m_ledger.isPossible(m_epoch, delivery.seq)) {
        ++m_counts.unexpected;
        return Receipt::Malformed;
    }
    const bool isOurs = isOfThisRoom(delivery.content);
    const bool isNoMessageOfTheRoom = !isOurs && delivery.content.state == MarkedContent::State::Intact;
    const std::uint64_t seq = delivery.seq;
    if (isNoMessageOfTheRoom)
        return Receipt::NoTiming; // it is counted, and its number, if it has one, is another room's
    if (!m_window || seq < m_window->first() ||
        (seq >= m_window->base() && seq - m_window->base() > ReceiveWindow::kMaxSpan)) {
        ++m_counts.unexpected;
        return Receipt::NoTiming;
    }
    const bool overtaken = seq + 1 < m_window->top();
    if (!m_window->mark(seq)) {
        ++m_counts.doubled;
        return Receipt::NoTiming;
    }
    m_ledger.noteSeq(seq, m_epoch);
    if (overtaken)
        ++m_counts.reordered;
    const bool isEarly = isOurs ? delivery.content.marker.index < owedBegin()
                                : m_isSettling || (m_topUnowed && seq <= *m_topUnowed);
    if (isEarly || (m_end && seq >= *m_end))
        ++m_counts.ambiguous;
    else
        ++m_counts.received;
    if (!isOurs)
        return Receipt::NoTiming;
    const std::uint64_t index = delivery.content.marker.index;
    const bool isNew = index < m_heard->first() || m_heard->mark(index);
    if (!m_ledger.matchSeq(index, seq, m_epoch) || !isNew) {
        ++m_counts.doubled; // the same message under two numbers
        return Receipt::NoTiming;
    }
    m_ledger.noteHeard(m_member, index, m_epoch);
    return delivery.content.state == MarkedContent::State::Intact ? Receipt::First : Receipt::NoTiming;
}

std::uint64_t NumberedMembership::wentBack(const Standing &now, std::span<const Delivery> page)
{
    if (!m_window)
        return 0;
    // What is older than the page may still be there.
    std::uint64_t first = page.empty() ? now.seq + 1 : page.front().seq;
    if (m_ledger.epochName(m_epoch) == now.epoch)
        m_ledger.goBack(m_epoch, now.seq);
    else if (first == 1)
        first = 0; // the page is all that there is, whatever its numbers were
    else
        return 0;
    std::set<std::uint64_t> there;
    for (const Delivery &each : page) {
        if (each.content.state == MarkedContent::State::Intact && each.content.marker.room == m_ledger.room())
            there.insert(each.content.marker.index);
    }
    std::uint64_t lost = 0;
    for (std::uint64_t i = std::max(m_heard->first(), m_ledger.begin()); i < m_ledger.end(); ++i) {
        const RoomLedger::Entry &entry = m_ledger.entry(i);
        if (entry.epoch == m_epoch && entry.seq >= first && m_heard->isMarked(i) && !there.contains(i))
            lost += m_ledger.lose(i) ? 1 : 0;
    }
    m_counts.lost += lost;
    return lost;
}

void NumberedMembership::settleIn()
{
    if (!m_isSettling)
        return;
    Membership::settleIn();
    m_topUnowed = m_ledger.topSeq(m_epoch);
}

void NumberedMembership::stop()
{
    m_stopIndex = m_ledger.end();
    if (!m_window)
        return;
    m_topAtStop = m_ledger.topSeq(m_epoch);
    m_ledger.noteLeaving(m_epoch);
}

std::uint64_t NumberedMembership::firstOwed() const
{
    if (m_isSettling)
        return std::numeric_limits<std::uint64_t>::max();
    if (!m_topUnowed)
        return m_window->first();
    return std::max(*m_topUnowed, m_ledger.topSeqBefore(m_owedFrom, m_epoch)) + 1;
}

std::uint64_t NumberedMembership::missingBefore(std::uint64_t end) const
{
    const std::uint64_t first = firstOwed();
    return first >= end ? 0 : m_window->missingBefore(end) - m_window->missingBefore(first);
}

std::uint64_t NumberedMembership::owedEnd() const
{
    if (m_end)
        return *m_end;
    if (!m_stopIndex)
        return std::max(m_ledger.topSeq(m_epoch) + 1, m_window->first());
    return std::max({m_topAtStop + 1, m_ledger.topSeqBefore(*m_stopIndex, m_epoch) + 1, m_window->first()});
}

bool NumberedMembership::isSettled()
{
    if (!m_end) {
        if (!m_ledger.isAnsweredBefore(*m_stopIndex))
            return false;
        m_end = owedEnd();
    }
    return m_window->base() >= *m_end || missingBefore(*m_end) == 0;
}

bool NumberedMembership::isUnheard(std::uint64_t index) const
{
    return !m_heard->isMarked(index) && m_ledger.entry(index).fate == Fate::Published;
}

bool NumberedMembership::isMissingNumber(std::uint64_t index) const
{
    const RoomLedger::Entry &entry = m_ledger.entry(index);
    return entry.epoch == m_epoch && entry.seq >= m_window->first() && !m_window->isMarked(entry.seq);
}

Missing NumberedMembership::missing() const
{
    if (!m_window)
        return {};
    const std::uint64_t end = owedEnd();
    const std::uint64_t numbers = missingBefore(end);
    Missing missing{.holes = missingBefore(std::min(end, m_window->top()))};
    missing.awaited = numbers - missing.holes;
    std::uint64_t elsewhere = m_givenUp;
    for (std::uint64_t i = unheardBegin(); i < unheardEnd(); ++i)
        elsewhere += isUnheard(i) && !isMissingNumber(i) ? 1 : 0;
    missing.awaited += elsewhere - std::min<std::uint64_t>(elsewhere, m_damaged);
    return missing;
}

bool NumberedMembership::isOver(std::uint64_t index, Offset now) const
{
    const RoomLedger::Entry &entry = m_ledger.entry(index);
    const bool isOwed = index >= m_heard->first();
    if (isOwed && m_heard->isMarked(index))
        return true;
    if (entry.seq != 0) {
        if (entry.epoch == m_epoch && entry.seq >= m_window->base())
            return false;
        if (!isOwed)
            return true;
    }
    return entry.fate != Fate::Pending && entry.sentAt + kUnderWay < now;
}

std::uint64_t NumberedMembership::needsFrom(Offset now)
{
    m_needsFrom = std::max(m_needsFrom, m_ledger.begin());
    if (m_topUnowed) // before the ledger forgets it
        m_topUnowed = firstOwed() - 1;
    for (; m_window && m_needsFrom < m_ledger.end() && isOver(m_needsFrom, now); ++m_needsFrom) {
        if (m_needsFrom != m_heard->base())
            continue;
        if (m_needsFrom >= owedBegin() && m_needsFrom < unheardEnd() && isUnheard(m_needsFrom))
            giveUp(m_needsFrom);
        m_heard->skipBase();
    }
    return m_needsFrom;
}

} // namespace parlor::cli::load
