// SPDX-License-Identifier: MIT
#include "client-cli/load/roomledger.h"

#include <algorithm>

namespace parlor::cli::load {

std::uint64_t RoomLedger::send(std::uint32_t sender, Offset sentAt)
{
    const std::uint64_t index = end();
    m_entries.push_back({.sender = sender, .sentAt = sentAt, .epoch = m_epoch});
    const auto [last, isFirst] = m_lastOf.try_emplace(sender, index);
    if (!isFirst) {
        if (knows(last->second))
            at(last->second).next = index;
        last->second = index;
    }
    return index;
}

void RoomLedger::publish(std::uint64_t index, std::uint64_t seq)
{
    if (!knows(index))
        return;
    at(index).fate = Fate::Published;
    if (seq != 0 && matchSeq(index, seq))
        noteSeq(seq);
}

void RoomLedger::settle(std::uint64_t index, Fate fate)
{
    if (knows(index))
        at(index).fate = fate;
}

bool RoomLedger::matchSeq(std::uint64_t index, std::uint64_t seq)
{
    Entry &entry = at(index);
    if (entry.seq == 0) {
        entry.seq = seq;
        entry.epoch = m_epoch;
    }
    return entry.seq == seq;
}

void RoomLedger::noteSeq(std::uint64_t seq)
{
    m_topSeq = std::max(m_topSeq, seq);
}

std::uint32_t RoomLedger::enterEpoch(std::string_view epoch, std::uint64_t seq)
{
    if (m_epochName != epoch) {
        m_epochName = epoch;
        ++m_epoch;
        m_topSeq = 0;
    }
    noteSeq(seq);
    return m_epoch;
}

void RoomLedger::forget(std::uint64_t index, Offset time)
{
    while (!m_entries.empty() && m_begin < index && m_entries.front().sentAt < time &&
           m_entries.front().fate != Fate::Pending) {
        m_entries.pop_front();
        ++m_begin;
    }
}

bool RoomLedger::isAnsweredBefore(std::uint64_t index)
{
    m_firstPending = std::max(m_firstPending, m_begin);
    while (m_firstPending < end() && entry(m_firstPending).fate != Fate::Pending)
        ++m_firstPending;
    return m_firstPending >= index;
}

std::uint64_t RoomLedger::topSeqBefore(std::uint64_t index) const
{
    std::uint64_t top = 0;
    for (std::uint64_t i = m_begin; i < std::min(index, end()); ++i) {
        if (entry(i).epoch == m_epoch)
            top = std::max(top, entry(i).seq);
    }
    return top;
}

} // namespace parlor::cli::load
