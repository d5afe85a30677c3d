// SPDX-License-Identifier: MIT
#pragma once

#include "server/peer/quotas.h"

#include <QHashFunctions>
#include <QHostAddress>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <utility>
#include <variant>

namespace parlor {

/// How many WebSocket connections there may be, and how fast new ones may come. 0: no limit.
struct AdmissionLimits
{
    std::uint64_t most = 0;
    QuotaLimits address{}; ///< an IPv4 address, or an IPv6 network of /64, which one subscriber has
    QuotaLimits network{}; ///< an IPv4 network of /24, or an IPv6 one of /48
};

/// How many WebSocket connections there are, and may be, in all, for one address and for one network.
/// Thread-safe; asked once a handshake and told once an end, never on the way of a message.
class Admission
{
    struct Address;

public:
    using Time = TokenBucket::Time;

    struct Refusal
    {
        enum class Why : std::uint8_t {
            Full,
            TooManyFromAddress,
            TooManyFromNetwork,
            TooFastFromAddress,
            TooFastFromNetwork,
        };
        Why why = Why::Full;
        std::chrono::milliseconds retry{5'000};
    };

    /// The place of an admitted connection. Its destructor gives it back.
    class Ticket
    {
    public:
        Ticket(Ticket &&other) noexcept
            : m_address(std::exchange(other.m_address, nullptr))
        {
        }
        Ticket &operator=(Ticket &&) = delete;
        ~Ticket()
        {
            if (m_address)
                m_address->admission->release(*m_address);
        }
        /// What all connections of this address have asked for. Any thread, while there is the ticket.
        [[nodiscard]] SharedBucket &requests() const { return m_address->requests; }

    private:
        friend class Admission;
        explicit Ticket(Address &address)
            : m_address(&address)
        {
        }
        Address *m_address;
    };

    explicit Admission(const AdmissionLimits &limits)
        : m_most(limits.most)
        , m_limits(limits)
    {
    }

    [[nodiscard]] std::variant<Ticket, Refusal> admit(const QHostAddress &address, Time now);
    /// From now on. Who is here stays.
    void setLimits(const AdmissionLimits &limits);
    [[nodiscard]] std::uint64_t most() const
    {
        return m_most.load(std::memory_order_relaxed);
    } ///< 0: no limit
    [[nodiscard]] std::uint64_t count() const { return m_count.load(std::memory_order_relaxed); }

private:
    using Key = std::uint64_t; ///< the upper half of an IPv6 address, or where those have 0:ffff an IPv4 one
    struct Hash
    {
        std::size_t operator()(Key key) const { return qHash(key, QHashSeed::globalSeed()); }
    };
    struct Address : Quota
    {
        Admission *admission = nullptr;
        Key key = 0;
        Quota *network = nullptr;
    };

    [[nodiscard]] static Key keyOf(const QHostAddress &address);
    [[nodiscard]] static Key networkOf(Key address);
    [[nodiscard]] std::optional<Refusal> refusal(const Address &address, const Quota &network,
                                                 Time now) const;
    void release(Address &address);
    void sayFull();

    std::atomic<std::uint64_t> m_most;
    std::atomic<std::uint64_t> m_count{0};
    std::atomic<std::int64_t> m_saidFullAt{0}; ///< steady seconds; 0: never
    std::mutex m_mutex;                        ///< of what follows
    AdmissionLimits m_limits;
    QuotaTable<Key, Address, Hash> m_addresses;
    QuotaTable<Key, Quota, Hash> m_networks;
};

} // namespace parlor
