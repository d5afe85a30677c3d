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

bool HistoryRing::Page::add(const Entry &entry)
{
    const std::size_t more = eventBytes(entry.frame);
    if (events.size() >= limit || (!events.empty() && bytes + more > limits::kHistoryPageBytes))
        return false;
    events.push_back(entry.frame);
    bytes += more;
    firstSeq = firstSeq == 0 ? entry.seq : std::min(firstSeq, entry.seq);
    lastSeq = std::max(lastSeq, entry.seq);
    return true;
}

HistoryRing::Page HistoryRing::after(std::uint64_t seq, std::size_t limit) const
{
    Page page(limit);
    if (isEmpty() || seq >= newest().seq)
        return page;
    for (std::uint64_t next = std::max(seq + 1, oldest().seq); holds(next) && page.add(at(next)); ++next) {
    }
    return page;
}

HistoryRing::Page HistoryRing::before(std::uint64_t seq, std::size_t limit) const
{
    Page page(limit);
    if (isEmpty())
        return page;
    for (std::uint64_t next = std::min(seq, newest().seq + 1) - 1; holds(next) && page.add(at(next));
         --next) {
    }
    std::ranges::reverse(page.events);
    return page;
}

} // namespace parlor
