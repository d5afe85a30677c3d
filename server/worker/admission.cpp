// SPDX-License-Identifier: MIT
#include "server/worker/admission.h"

#include "server/ops/logging.h"

#include <chrono>

namespace parlor {

namespace {

constexpr std::chrono::seconds kSayFullEvery{60};

} // namespace

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

void Admission::sayFull()
{
    using namespace std::chrono;
    const std::int64_t now = duration_cast<seconds>(steady_clock::now().time_since_epoch()).count();
    std::int64_t last = m_saidFullAt.load(std::memory_order_relaxed);
    if (last != 0 && now - last < kSayFullEvery.count())
        return;
    if (m_saidFullAt.compare_exchange_strong(last, now, std::memory_order_relaxed)) {
        qCWarning(log::server)
            << "all" << m_most
            << "connections are taken, newcomers get 503: raise --max-connections, and the "
               "limit of open files (LimitNOFILE or ulimit -Hn) with it";
    }
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
