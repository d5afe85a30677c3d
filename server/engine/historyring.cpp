// SPDX-License-Identifier: MIT
#include "server/engine/historyring.h"

#include "shared/protocol/encoder.h"
#include "shared/protocol/limits.h"

#include <algorithm>

namespace parlor {

std::string HistoryRing::idempotencyKey(std::string_view user, std::string_view cid)
{
    std::string key;
    key.reserve(user.size() + 1 + cid.size());
    key.append(user).push_back('\0');
    key.append(cid);
    return key;
}

std::size_t HistoryRing::cost(const Entry &entry)
{
    return sizeof(Entry) + entry.frame.size() + 2 * entry.key.size();
}

void HistoryRing::append(Entry entry)
{
    m_bytes += cost(entry);
    if (!entry.key.empty())
        m_keys.emplace(entry.key, entry.seq);
    m_entries.push_back(std::move(entry));
    while (m_entries.size() > kMaxMessages || (m_bytes > kMaxBytes && m_entries.size() > 1))
        dropOldest();
}

void HistoryRing::prepend(std::vector<Entry> older)
{
    for (auto each = older.rbegin(); each != older.rend(); ++each) {
        m_bytes += cost(*each);
        if (!each->key.empty())
            m_keys.emplace(each->key, each->seq);
        m_entries.push_front(std::move(*each));
    }
}

void HistoryRing::dropOldest()
{
    m_bytes -= cost(m_entries.front());
    m_keys.erase(m_entries.front().key);
    m_entries.pop_front();
}

const HistoryRing::Entry *HistoryRing::find(const std::string &key) const
{
    const auto found = m_keys.find(key);
    return found == m_keys.end() ? nullptr : &m_entries[found->second - m_entries.front().seq];
}

void HistoryRing::extend(const HistoryRing &newer, std::size_t most)
{
    for (std::size_t i = 0; i < most && newer.holds(newest().seq + 1); ++i)
        append(newer.m_entries[newest().seq + 1 - newer.oldest().seq]);
}

HistoryRing::Page HistoryRing::after(std::uint64_t seq, std::size_t limit) const
{
    Page page;
    if (m_entries.empty() || seq >= m_entries.back().seq)
        return page;
    const std::uint64_t first = m_entries.front().seq;
    std::size_t bytes = 0;
    for (std::size_t i = seq < first ? 0 : seq + 1 - first;
         i < m_entries.size() && page.events.size() < limit; ++i) {
        bytes += eventBytes(m_entries[i].frame);
        if (!page.events.empty() && bytes > limits::kHistoryPageBytes)
            break;
        page.events.push_back(m_entries[i].frame);
        if (page.firstSeq == 0)
            page.firstSeq = m_entries[i].seq;
        page.lastSeq = m_entries[i].seq;
    }
    return page;
}

HistoryRing::Page HistoryRing::before(std::uint64_t seq, std::size_t limit) const
{
    Page page;
    if (m_entries.empty() || seq <= m_entries.front().seq)
        return page;
    const std::uint64_t first = m_entries.front().seq;
    std::size_t bytes = 0;
    for (std::size_t i = std::min<std::uint64_t>(seq - first, m_entries.size());
         i > 0 && page.events.size() < limit; --i) {
        const Entry &entry = m_entries[i - 1];
        bytes += eventBytes(entry.frame);
        if (!page.events.empty() && bytes > limits::kHistoryPageBytes)
            break;
        page.events.push_back(entry.frame);
        if (page.lastSeq == 0)
            page.lastSeq = entry.seq;
        page.firstSeq = entry.seq;
    }
    std::reverse(page.events.begin(), page.events.end());
    return page;
}

} // namespace parlor
