// SPDX-License-Identifier: MIT
#pragma once

#include <QHash>
#include <QHostAddress>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <variant>

namespace parlor {

/// How many WebSocket connections there are, and may be, in all and for one address. Thread-safe; asked once
/// a handshake and told once an end, never on the way of a message.
class Admission
{
public:
    enum class Refusal : std::uint8_t { Full, TooManyFromAddress };

    /// A place; giving it back is its destructor.
    class Ticket
    {
    public:
        Ticket(Ticket &&other) noexcept;
        Ticket &operator=(Ticket &&) = delete;
        ~Ticket();

    private:
        friend class Admission;
        Ticket(Admission &admission, QHostAddress address)
            : m_admission(&admission)
            , m_address(std::move(address))
        {
        }
        Admission *m_admission;
        QHostAddress m_address;
    };

    /// 0: no limit.
    Admission(std::uint64_t most, std::uint64_t mostPerAddress)
        : m_most(most)
        , m_mostPerAddress(mostPerAddress)
    {
    }

    [[nodiscard]] std::variant<Ticket, Refusal> admit(const QHostAddress &address);
    [[nodiscard]] std::uint64_t most() const { return m_most; } ///< 0: no limit
    [[nodiscard]] std::uint64_t count() const { return m_count.load(std::memory_order_relaxed); }

private:
    void release(const QHostAddress &address);

    const std::uint64_t m_most;
    const std::uint64_t m_mostPerAddress;
    std::atomic<std::uint64_t> m_count{0};
    std::mutex m_mutex;
    QHash<QHostAddress, std::uint64_t> m_addresses; ///< kept only where there is a limit for one
};

} // namespace parlor
