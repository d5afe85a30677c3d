// SPDX-License-Identifier: MIT
#include "client-cli/load/accounting/roomledger.h"

#include <algorithm>
#include <utility>

namespace parlor::cli::load {

std::uint64_t RoomLedger::send(std::uint32_t sender, Offset sentAt, HearingGroups::Member speaker,
                               Offset planned)
{
    const std::uint64_t index = end();
    m_entries.push_back(
        {.sender = sender, .speaker = speaker, .sentAt = sentAt, .planned = planned, .epochs = epochs()});
    const auto [last, isFirst] = m_lastOf.try_emplace(sender, index);
    if (!isFirst) {
        if (knows(last->second))
            at(last->second).next = index;
        last->second = index;
    }
    return index;
}

void RoomLedger::publish(std::uint64_t index, std::uint64_t seq, std::uint32_t epoch)
{
    if (!knows(index))
        return;
    at(index).fate = Fate::Published;
    if (seq != 0 && epoch != 0 && matchSeq(index, seq, epoch))
        noteSeq(seq, epoch);
}

void RoomLedger::settle(std::uint64_t index, Fate fate)
{
    if (knows(index))
        at(index).fate = fate;
}

bool RoomLedger::matchSeq(std::uint64_t index, std::uint64_t seq, std::uint32_t epoch)
{
    Entry &entry = at(index);
    if (entry.seq == 0) {
        entry.seq = seq;
        entry.epoch = epoch;
    }
    return entry.seq == seq || entry.epoch != epoch;
}

void RoomLedger::noteSeq(std::uint64_t seq, std::uint32_t epoch)
{
    m_topSeqs[epoch - 1] = std::max(m_topSeqs[epoch - 1], seq);
}

bool RoomLedger::isPossible(std::uint32_t epoch, std::uint64_t seq) const
{
    const std::uint64_t top = topSeq(epoch);
    return seq <= top ? top - seq <= kMostAhead : seq - top <= kMostAhead;
}

bool RoomLedger::isPossible(std::string_view epoch, std::uint64_t seq) const
{
    const auto known = std::find(m_epochNames.begin(), m_epochNames.end(), epoch);
    if (known == m_epochNames.end())
        return epochs() < kMostEpochs;
    return isPossible(static_cast<std::uint32_t>(known - m_epochNames.begin()) + 1, seq);
}

std::uint32_t RoomLedger::enterEpoch(std::string_view name, std::uint64_t seq, std::uint32_t known)
{
    const auto found = std::find(m_epochNames.begin(), m_epochNames.end(), name);
    const auto epoch = static_cast<std::uint32_t>(found - m_epochNames.begin()) + 1;
    if (found == m_epochNames.end()) {
        m_epochNames.emplace_back(name);
        m_topSeqs.push_back(0);
    }
    noteSeq(seq, epoch);
    noteInUse(epoch, known);
    return epoch;
}

void RoomLedger::noteInUse(std::uint32_t epoch, std::uint32_t known)
{
    if (epoch == 0 || epoch >= known)
        return;
    for (std::uint32_t each = epoch; each <= known; ++each)
        m_atOnce.insert(each);
}

void RoomLedger::noteHeard(HearingGroups::Member listener, std::uint64_t index, std::uint32_t epoch)
{
    m_groups.hear(listener, entry(index).speaker);
    noteInUse(epoch, entry(index).epochs);
}

void RoomLedger::forget(std::uint64_t index, Offset time, const Farewell &farewell)
{
    while (!m_entries.empty() && m_begin < index && m_entries.front().sentAt < time &&
           m_entries.front().fate != Fate::Pending) {
        if (farewell)
            farewell(m_entries.front());
        m_entries.pop_front();
        ++m_begin;
    }
    m_epochsEarlier = std::exchange(m_epochsLately, epochs());
}

void RoomLedger::forgetAll(const Farewell &farewell)
{
    for (const Entry &entry : m_entries)
        farewell(entry);
    m_begin = end();
    m_entries.clear();
}

bool RoomLedger::isAnsweredBefore(std::uint64_t index)
{
    m_firstPending = std::max(m_firstPending, m_begin);
    while (m_firstPending < end() && entry(m_firstPending).fate != Fate::Pending)
        ++m_firstPending;
    return m_firstPending >= index;
}

std::uint64_t RoomLedger::topSeqBefore(std::uint64_t index, std::uint32_t epoch) const
{
    std::uint64_t top = 0;
    for (std::uint64_t i = m_begin; i < std::min(index, end()); ++i) {
        if (entry(i).epoch == epoch)
            top = std::max(top, entry(i).seq);
    }
    return top;
}

} // namespace parlor::cli::load
