// SPDX-License-Identifier: MIT
#include "server/engine/historyring.h"

#include "shared/protocol/encoder.h"
#include "shared/protocol/limits.h"

#include <algorithm>
#include <iterator>

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

HistoryRing::Entries::const_iterator HistoryRing::from(std::uint64_t seq) const
{
    return std::ranges::lower_bound(m_entries, seq, {}, &Entry::seq);
}

void HistoryRing::append(Entry entry)
{
    m_bytes += cost(entry);
    m_end = entry.seq + 1;
    if (!entry.key.empty())
        m_keys.emplace(entry.key, entry.seq);
    m_entries.push_back(std::move(entry));
    evict();
}

void HistoryRing::prepend(Stretch older)
{
    m_begin = older.begin;
    for (auto each = older.entries.rbegin(); each != older.entries.rend(); ++each) {
        m_bytes += cost(*each);
        if (!each->key.empty())
            m_keys.emplace(each->key, each->seq);
        m_entries.push_front(std::move(*each));
    }
}

void HistoryRing::replace(std::uint64_t seq, SharedBytes frame)
{
    Entry &entry = m_entries[static_cast<std::size_t>(from(seq) - m_entries.begin())];
    m_bytes -= cost(entry);
    entry.frame = std::move(frame);
    m_bytes += cost(entry);
}

void HistoryRing::evict()
{
    while (m_entries.size() > kMaxMessages || (m_bytes > kMaxBytes && m_entries.size() > 1))
        dropOldest();
}

void HistoryRing::dropOldest()
{
    m_bytes -= cost(m_entries.front());
    m_keys.erase(m_entries.front().key);
    m_dropped = m_entries.front().place();
    m_begin = m_dropped.seq + 1;
    m_entries.pop_front();
}

void HistoryRing::dropBefore(std::uint64_t seq)
{
    while (!isEmpty() && oldest().seq < seq)
        dropOldest();
    m_begin = std::clamp(seq, m_begin, m_end);
}

const HistoryRing::Entry *HistoryRing::find(const std::string &key) const
{
    const auto found = m_keys.find(key);
    return found == m_keys.end() ? nullptr : &*from(found->second);
}

const HistoryRing::Entry *HistoryRing::at(std::uint64_t seq) const
{
    const auto found = from(seq);
    return found == m_entries.end() || found->seq != seq ? nullptr : &*found;
}

bool HistoryRing::Page::add(const Entry &entry)
{
    const std::size_t more = eventBytes(entry.frame);
    isFull = events.size() >= limit || (!events.empty() && bytes + more > limits::kHistoryPageBytes);
    if (isFull)
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
    page.lastSeq = seq;
    continuePage(page);
    return page;
}

void HistoryRing::continuePage(Page &page) const
{
    if (page.lastSeq >= m_end - 1)
        return;
    for (auto next = from(page.lastSeq + 1); next != m_entries.end() && page.add(*next); ++next) {
    }
    if (!page.isFull)
        page.lastSeq = m_end - 1;
}

HistoryRing::Page HistoryRing::before(std::uint64_t seq, std::size_t limit) const
{
    Page page(limit);
    for (auto next = from(seq); next != m_entries.begin() && page.add(*std::prev(next)); --next) {
    }
    if (!page.isFull)
        page.firstSeq = std::min(seq, m_begin);
    std::ranges::reverse(page.events);
    return page;
}

} // namespace parlor
