// SPDX-License-Identifier: MIT
#pragma once

#include <QHashFunctions>
#include <QHostAddress>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <variant>

namespace parlor {

/// How many WebSocket connections there are, and may be, in all and for one address. Thread-safe; asked once
/// a handshake and told once an end, never on the way of a message.
class Admission
{
    struct Source;

public:
    enum class Refusal : std::uint8_t { Full, TooManyFromAddress };

    /// The place of an admitted connection. Its destructor gives it back.
    class Ticket
    {
    public:
        Ticket(Ticket &&other) noexcept
            : m_source(std::exchange(other.m_source, nullptr))
        {
        }
        Ticket &operator=(Ticket &&) = delete;
        ~Ticket()
        {
            if (m_source)
                m_source->admission.release(*m_source);
        }

    private:
        friend class Admission;
        explicit Ticket(Source &source)
            : m_source(&source)
        {
        }
        Source *m_source;
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
    /// Where connections come from: one address, or, where none has a limit of its own, anywhere.
    struct Source
    {
        Admission &admission;
        QHostAddress address{};
        std::uint64_t count = 0;
    };
    struct Hash
    {
        std::size_t operator()(const QHostAddress &address) const
        {
            return qHash(address, QHashSeed::globalSeed());
        }
    };

    void release(Source &source);
    void sayFull();

    const std::uint64_t m_most;
    const std::uint64_t m_mostPerAddress;
    std::atomic<std::uint64_t> m_count{0};
    std::atomic<std::int64_t> m_saidFullAt{0}; ///< steady seconds; 0: never
    Source m_anywhere{*this};
    std::mutex m_mutex;
    std::unordered_map<QHostAddress, Source, Hash> m_sources; ///< with connections; its nodes stay in place
};

} // namespace parlor
