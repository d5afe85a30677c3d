// SPDX-License-Identifier: MIT
#include "server/worker/admission.h"

#include "server/ops/logging.h"

namespace parlor {

std::variant<Admission::Ticket, Admission::Refusal> Admission::admit(const QHostAddress &address)
{
    if (m_count.fetch_add(1, std::memory_order_relaxed) >= m_most && m_most != 0) {
        m_count.fetch_sub(1, std::memory_order_relaxed);
        sayFull();
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

/// Once, until there was some place again.
void Admission::sayFull()
{
    if (!m_saidFull.exchange(true, std::memory_order_relaxed)) {
        qCWarning(log::server) << "all" << m_most
                               << "connections are taken: newcomers get 503 (see --max-connections)";
    }
}

void Admission::release(Source &source)
{
    const std::uint64_t left = m_count.fetch_sub(1, std::memory_order_relaxed) - 1;
    if (m_saidFull.load(std::memory_order_relaxed) && left < m_most - m_most / 16)
        m_saidFull.store(false, std::memory_order_relaxed);
    if (&source == &m_anywhere)
        return;
    const std::lock_guard lock(m_mutex);
    if (--source.count == 0)
        m_sources.erase(m_sources.find(source.address));
}

} // namespace parlor
