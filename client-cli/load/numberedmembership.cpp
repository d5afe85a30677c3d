// SPDX-License-Identifier: MIT
#include "client-cli/load/numberedmembership.h"

#include <algorithm>

namespace parlor::cli::load {

void NumberedMembership::confirm(const Standing &standing)
{
    m_epoch = m_ledger.enterEpoch(standing.epoch, standing.seq);
    m_window.emplace(standing.seq + 1);
}

Receipt NumberedMembership::received(const Delivery &delivery)
{
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
    if (isCurrent())
        m_ledger.noteSeq(seq);
    if (overtaken)
        ++m_counts.reordered;
    if (m_end && seq >= *m_end)
        ++m_counts.ambiguous;
    else
        ++m_counts.received;
    if (!isOurs)
        return Receipt::NoTiming;
    if (!m_ledger.matchSeq(delivery.content.marker.index, seq)) {
        ++m_counts.doubled; // the same message under two numbers
        return Receipt::NoTiming;
    }
    return delivery.content.state == MarkedContent::State::Intact ? Receipt::First : Receipt::NoTiming;
}

void NumberedMembership::stop()
{
    m_stopIndex = m_ledger.end();
    m_topAtStop = isCurrent() ? m_ledger.topSeq() : 0;
}

std::uint64_t NumberedMembership::owedEnd() const
{
    if (m_end)
        return *m_end;
    if (!isCurrent())
        return m_window->top();
    if (!m_stopIndex)
        return std::max(m_ledger.topSeq() + 1, m_window->first());
    return std::max({m_topAtStop + 1, m_ledger.topSeqBefore(*m_stopIndex) + 1, m_window->first()});
}

bool NumberedMembership::isSettled()
{
    if (!m_end) {
        if (!m_ledger.isAnsweredBefore(*m_stopIndex))
            return false;
        m_end = owedEnd();
    }
    return m_window->base() >= *m_end;
}

void NumberedMembership::finish(Ending ending)
{
    if (!m_window)
        return;
    const std::uint64_t end = owedEnd();
    const std::uint64_t missing = m_window->missingBefore(end);
    const std::uint64_t holes = m_window->missingBefore(std::min(end, m_window->top()));
    m_counts.lost += ending == Ending::Left ? missing : holes;
    m_counts.excused += ending == Ending::Left ? 0 : missing - holes;
}

std::uint64_t NumberedMembership::outstanding() const
{
    return m_window ? m_window->missingBefore(owedEnd()) : 0;
}

std::uint64_t NumberedMembership::needsFrom(Offset now)
{
    if (m_window && !isCurrent())
        return m_ledger.end();
    m_needsFrom = std::max(m_needsFrom, m_ledger.begin());
    for (; m_window && m_needsFrom < m_ledger.end(); ++m_needsFrom) {
        const RoomLedger::Entry &entry = m_ledger.entry(m_needsFrom);
        const bool isOver = entry.seq != 0 ? entry.seq < m_window->base() || entry.epoch != m_epoch
                                           : entry.fate != Fate::Pending && entry.sentAt + kUnderWay < now;
        if (!isOver)
            break;
    }
    return m_needsFrom;
}

} // namespace parlor::cli::load
