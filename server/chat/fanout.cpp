// SPDX-License-Identifier: MIT
#include "server/chat/fanout.h"

#include <algorithm>

namespace parlor {

std::uint32_t Fanout::add(Subscriber &subscriber, Dialect dialect)
{
    m_members.push_back({&subscriber, stream(dialect).end(), dialect});
    ++m_counts[static_cast<std::size_t>(dialect)];
    return static_cast<std::uint32_t>(m_members.size() - 1);
}

void Fanout::remove(std::uint32_t index)
{
    pin(index);
    Member &member = m_members[index];
    --m_counts[static_cast<std::size_t>(member.dialect)];
    if (isFlushing()) {
        member.subscriber = nullptr; // moving another one here would make the flush miss or repeat it
        ++m_tombstones;
    } else {
        moveLastInto(index);
    }
}

void Fanout::moveLastInto(std::uint32_t index)
{
    if (index + 1 != m_members.size()) {
        m_members[index] = m_members.back();
        if (m_members[index].subscriber)
            m_members[index].subscriber->onMoved(*this, index);
    }
    m_members.pop_back();
}

std::size_t Fanout::append(Dialect dialect, std::string_view payload)
{
    const std::size_t receivers = m_counts[static_cast<std::size_t>(dialect)];
    if (receivers == 0)
        return 0;
    Stream &to = stream(dialect);
    if (!to.open)
        to.open = BatchRef::make(m_queueBytes);
    to.open->appendText(payload);
    return receivers;
}

bool Fanout::give(Member &member, const BatchRef &batch, std::uint64_t base, Route route)
{
    if (!batch || member.position >= base + batch->size())
        return false;
    const std::uint64_t begin = std::max(member.position, base) - base;
    member.position = base + batch->size();
    member.subscriber->take({batch, begin, batch->size()}, route);
    return true;
}

void Fanout::pin(std::uint32_t index)
{
    Member &member = m_members[index];
    const Stream &from = stream(member.dialect);
    give(member, from.sealed, from.sealedBase, Route::Queued);
    give(member, from.open, from.openBase, Route::Queued);
}

void Fanout::seal()
{
    for (Stream &each : m_streams) {
        each.sealedBase = each.openBase;
        each.openBase = each.end();
        each.sealed = std::move(each.open);
    }
    m_flushNext = 0;
    m_flushEnd = static_cast<std::uint32_t>(m_members.size());
}

bool Fanout::flush(std::size_t &sends)
{
    if (!isFlushing()) {
        if (isFlushed())
            return true;
        seal();
    }
    for (; m_flushNext != m_flushEnd; ++m_flushNext) {
        if (sends == 0)
            return false;
        Member &member = m_members[m_flushNext];
        if (!member.subscriber)
            continue;
        const Stream &from = stream(member.dialect);
        if (give(member, from.sealed, from.sealedBase, Route::Direct))
            --sends;
    }
    finishFlush();
    return isFlushed();
}

void Fanout::finishFlush()
{
    for (Stream &each : m_streams)
        each.sealed = {};
    m_flushNext = m_flushEnd = 0;
    for (std::uint32_t i = 0; m_tombstones != 0; ++i) {
        while (i < m_members.size() && !m_members[i].subscriber) {
            --m_tombstones;
            moveLastInto(i);
        }
    }
}

bool Fanout::isFlushed() const
{
    return std::none_of(m_streams.begin(), m_streams.end(),
                        [](const Stream &s) { return s.sealed || (s.open && s.open->size() != 0); });
}

} // namespace parlor
