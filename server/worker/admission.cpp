// SPDX-License-Identifier: MIT
#include "server/worker/admission.h"

namespace parlor {

Admission::Ticket::Ticket(Ticket &&other) noexcept
    : m_admission(std::exchange(other.m_admission, nullptr))
    , m_address(std::move(other.m_address))
{
}

Admission::Ticket::~Ticket()
{
    if (m_admission)
        m_admission->release(m_address);
}

std::variant<Admission::Ticket, Admission::Refusal> Admission::admit(const QHostAddress &address)
{
    if (m_count.fetch_add(1, std::memory_order_relaxed) >= m_most && m_most != 0) {
        m_count.fetch_sub(1, std::memory_order_relaxed);
        return Refusal::Full;
    }
    if (m_mostPerAddress != 0) {
        const std::lock_guard lock(m_mutex);
        std::uint64_t &ofAddress = m_addresses[address];
        if (ofAddress >= m_mostPerAddress) {
            m_count.fetch_sub(1, std::memory_order_relaxed);
            return Refusal::TooManyFromAddress;
        }
        ++ofAddress;
    }
    return Ticket(*this, address);
}

void Admission::release(const QHostAddress &address)
{
    m_count.fetch_sub(1, std::memory_order_relaxed);
    if (m_mostPerAddress == 0)
        return;
    const std::lock_guard lock(m_mutex);
    const auto found = m_addresses.find(address);
    if (found != m_addresses.end() && --found.value() == 0)
        m_addresses.erase(found);
}

} // namespace parlor
