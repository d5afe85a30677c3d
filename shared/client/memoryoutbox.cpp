// SPDX-License-Identifier: MIT
#include "shared/client/memoryoutbox.h"

#include <algorithm>

namespace parlor {

void MemoryOutbox::append(const OutboxEntry &entry)
{
    m_entries.append(entry);
}

void MemoryOutbox::update(const OutboxEntry &entry)
{
    const auto it = std::find_if(m_entries.begin(), m_entries.end(),
                                 [&entry](const OutboxEntry &each) { return each.cid == entry.cid; });
    if (it != m_entries.end())
        *it = entry;
}

void MemoryOutbox::remove(const QString &cid)
{
    m_entries.removeIf([&cid](const OutboxEntry &each) { return each.cid == cid; });
}

std::optional<OutboxEntry> MemoryOutbox::find(const QString &cid) const
{
    for (const OutboxEntry &each : m_entries) {
        if (each.cid == cid)
            return each;
    }
    return std::nullopt;
}

} // namespace parlor
