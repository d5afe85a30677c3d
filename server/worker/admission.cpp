// SPDX-License-Identifier: MIT
#include "server/worker/admission.h"

#include "server/ops/logging.h"

#include <QtEndian>

#include <chrono>

namespace parlor {

namespace {

constexpr std::chrono::seconds kSayFullEvery{60};
/// No network of IPv6 begins so.
constexpr std::uint64_t kV4 = 0x0000'FFFF'0000'0000;

} // namespace

std::variant<Admission::Ticket, Admission::Refusal> Admission::admit(const QHostAddress &from, Time now)
{
    const std::uint64_t most = this->most();
    if (m_count.fetch_add(1, std::memory_order_relaxed) >= most && most != 0) {
        m_count.fetch_sub(1, std::memory_order_relaxed);
        sayFull();
        return Refusal{Refusal::Why::Full};
    }
    const Key key = keyOf(from);
    const std::lock_guard lock(m_mutex);
    Address &address = m_addresses.at(key, now);
    Quota &network = m_networks.at(networkOf(key), now);
    const auto refused = refusal(address, network, now);
    if (refused) {
        m_count.fetch_sub(1, std::memory_order_relaxed);
    } else {
        (void)address.arrivals.take(m_limits.address.arrivals, 1, now);
        (void)network.arrivals.take(m_limits.network.arrivals, 1, now);
        ++address.connections;
        ++network.connections;
        address.admission = this;
        address.key = key;
        address.network = &network;
    }
    if (address.connections == 0)
        m_addresses.left(key, address);
    if (network.connections == 0)
        m_networks.left(networkOf(key), network);
    if (refused)
        return *refused;
    return Ticket(address);
}

/// Why it may not have one more connection. Nothing is taken where another limit refuses.
std::optional<Admission::Refusal> Admission::refusal(const Address &address, const Quota &network,
                                                     Time now) const
{
    using enum Refusal::Why;
    const auto isFull = [](const Quota &quota, const QuotaLimits &limits) {
        return limits.connections != 0 && quota.connections >= limits.connections;
    };
    if (isFull(address, m_limits.address))
        return Refusal{TooManyFromAddress};
    if (isFull(network, m_limits.network))
        return Refusal{TooManyFromNetwork};
    const auto wait = [now](TokenBucket arrivals, const RateLimit &limit) {
        return arrivals.take(limit, 1, now) ? std::chrono::milliseconds(0) : arrivals.waitFor(limit, 1, now);
    };
    if (const auto retry = wait(address.arrivals, m_limits.address.arrivals); retry.count() != 0)
        return Refusal{TooFastFromAddress, retry};
    if (const auto retry = wait(network.arrivals, m_limits.network.arrivals); retry.count() != 0)
        return Refusal{TooFastFromNetwork, retry};
    return std::nullopt;
}

void Admission::setLimits(const AdmissionLimits &limits)
{
    m_most.store(limits.most, std::memory_order_relaxed);
    const std::lock_guard lock(m_mutex);
    m_limits = limits;
}

Admission::Key Admission::keyOf(const QHostAddress &address)
{
    bool isV4 = false;
    const quint32 v4 = address.toIPv4Address(&isV4);
    if (isV4)
        return kV4 | v4;
    const Q_IPV6ADDR bytes = address.toIPv6Address();
    return qFromBigEndian<quint64>(&bytes);
}

Admission::Key Admission::networkOf(Key address)
{
    const bool isV4 = (address & ~Key(0xFFFF'FFFF)) == kV4;
    return address & (isV4 ? ~Key(0xFF) : ~Key(0xFFFF));
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
            << "all" << most()
            << "connections are taken, newcomers get 503: raise --max-connections, and the "
               "limit of open files (LimitNOFILE or ulimit -Hn) with it";
    }
}

void Admission::release(Address &address)
{
    m_count.fetch_sub(1, std::memory_order_relaxed);
    const std::lock_guard lock(m_mutex);
    if (--address.network->connections == 0)
        m_networks.left(networkOf(address.key), *address.network);
    if (--address.connections == 0)
        m_addresses.left(address.key, address);
}

} // namespace parlor
