// SPDX-License-Identifier: MIT
#include "server/worker/admission.h"

namespace parlor {

std::variant<Admission::Ticket, Admission::Refusal> Admission::admit(const QHostAddress &address)
{
    if (m_count.fetch_add(1, std::memory_order_relaxed) >= m_most && m_most != 0) {
        m_count.fetch_sub(1, std::memory_order_relaxed);
        return Refusal::Full;
    }
    if (m_mostPerAddress == 0)
        return Ticket(m_anywhere);
    const std::lock_guard lock(m_mutex);
    Source &source = m_sources.try_emplace(address, Source{*this, address}).first->second;
    if (source.count >= m_mostPerAddress) {
        m_count.fetch_sub(1, std::memory_order_relaxed);
        return Refusal::TooManyFromAddress;
    }
    ++source.count;
    return Ticket(source);
}

void Admission::release(Source &source)
{
    m_count.fetch_sub(1, std::memory_order_relaxed);
    if (&source == &m_anywhere)
        return;
    const std::lock_guard lock(m_mutex);
    if (--source.count == 0)
        m_sources.erase(m_sources.find(source.address));
}

} // namespace parlor
