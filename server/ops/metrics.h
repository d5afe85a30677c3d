// SPDX-License-Identifier: MIT
#pragma once

#include "server/ops/storefigures.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// Numbers about the running server. Each worker counts in its own WorkerMetrics, without locks; a scrape, on
/// whatever thread, reads them all and adds them up.
namespace parlor {

/// A number with one writing thread and any number of readers.
class Counter
{
public:
    void add(std::uint64_t n = 1) { m_value.store(value() + n, std::memory_order_relaxed); }
    void subtract(std::uint64_t n = 1) { m_value.store(value() - n, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t value() const { return m_value.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> m_value{0};
};

/// How long something took, in Prometheus' buckets. One writing thread, any number of readers.
class TimeHistogram
{
public:
    static constexpr std::array<double, 12> kBoundsSeconds{0.001, 0.002, 0.005, 0.01, 0.025, 0.05,
                                                           0.1,   0.25,  0.5,   1.0,  2.5,   5.0};

    void observe(std::chrono::nanoseconds time);
    /// Observations at or under bound i, not cumulative; the last entry is those past every bound.
    [[nodiscard]] std::uint64_t bucket(std::size_t i) const { return m_buckets[i].value(); }
    [[nodiscard]] double sumSeconds() const { return static_cast<double>(m_sumNanoseconds.value()) / 1e9; }

private:
    std::array<Counter, kBoundsSeconds.size() + 1> m_buckets{};
    Counter m_sumNanoseconds;
};

/// How an attempt to open a WebSocket ended.
enum class HandshakeResult : std::uint8_t {
    Accepted,
    Malformed, ///< 400, 405, 426, 431, 505
    NotFound,  ///< an upgrade for another path than /ws
    Forbidden, ///< Origin not allowed
    TooMany,   ///< this address, or its network, has its share
    Full,      ///< the server has all the connections it may have
    Draining,
    Starting, ///< Redis is not there yet
    TimedOut, ///< the head did not come in time, or made room for a newer one
    TlsFailed,
    Unauthorized, ///< no token, or a wrong one
    TooFast,      ///< this address, or its network, opens too many in a short time
    Count_,
};

/// What became of a client that has to say who it is.
enum class AuthResult : std::uint8_t {
    Accepted,
    Refused, ///< its token is not valid
    Late,    ///< no token came in time
    Expired, ///< no other token came before the old one had ended
    Count_,
};

struct WorkerMetrics
{
    Counter connections; ///< open WebSocket connections (goes down, too)
    std::array<Counter, static_cast<std::size_t>(HandshakeResult::Count_)> handshakes{};
    std::array<Counter, static_cast<std::size_t>(AuthResult::Count_)> auth{};
    Counter httpRequests; ///< plain HTTP requests answered
    Counter messagesIn;   ///< data messages from clients
    Counter messagesOut;  ///< frames made for one client, and broadcasts made for many, each once
    Counter deliveries;   ///< broadcasts times their receivers
    Counter bytesIn;
    Counter bytesOut;
    Counter queueBytes;     ///< memory of what waits for clients that do not read (goes down, too)
    Counter slowConsumers;  ///< connections cut with 4102
    Counter rateLimited;    ///< requests refused with rate_limited
    Counter userLimited;    ///< of them, those for which the user's budget was too small
    Counter addressLimited; ///< of them, those for which the address's was
    Counter pagesDelayed;   ///< pages of sync that waited for a budget

    TimeHistogram loopLag;  ///< how late the event loop is
    TimeHistogram delivery; ///< from a message's time to the flush that gives it to the kernel, once a worker
    Counter ticks;          ///< of the event loop, about ten a second

    void countHandshake(HandshakeResult result) { handshakes[static_cast<std::size_t>(result)].add(); }
    void countAuth(AuthResult result) { auth[static_cast<std::size_t>(result)].add(); }
    void countClose(std::uint16_t code);
    /// By code; 0: all that are no CloseCode.
    [[nodiscard]] std::map<std::uint16_t, std::uint64_t> closes() const;

private:
    mutable std::mutex m_closesMutex; ///< taken at a close and at a scrape only
    std::map<std::uint16_t, std::uint64_t> m_closes;
};

/// What is known for the whole process rather than for a worker.
struct ServerGauges
{
    std::uint64_t rooms = 0;
    std::uint64_t historyBytes = 0;
    std::uint64_t mostConnections = 0; ///< 0: no limit
    bool ready = false;
    bool draining = false;
    std::chrono::seconds startTime{};                       ///< since 1970
    std::vector<std::pair<std::string, std::string>> build; ///< what runs: names and values
    std::optional<StoreFigures> store{};                    ///< nullopt: there is no database
};

/// Prometheus' text format 0.0.4.
[[nodiscard]] std::string prometheusText(std::span<const WorkerMetrics *const> workers,
                                         const ServerGauges &gauges);

} // namespace parlor
