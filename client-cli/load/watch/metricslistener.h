// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/watch/metricfamily.h"
#include "shared/protocol/result.h"

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace parlor::cli::load {

/// Answers `GET /metrics` with the newest snapshot, and nothing else, in a thread of its own. Few connections
/// at once, short requests, a few seconds for each: others wait, or are closed.
class MetricsListener
{
public:
    /// Listens at HOST:PORT, as "127.0.0.1:9464" or "[::1]:9464"; port 0 is one that is free. The error: it
    /// is no such address, or not to be had.
    [[nodiscard]] static Result<std::unique_ptr<MetricsListener>> open(std::string_view address);
    ~MetricsListener();
    MetricsListener(const MetricsListener &) = delete;
    MetricsListener &operator=(const MetricsListener &) = delete;

    /// Called once: its thread begins to answer. Throws std::system_error where there is no thread for it.
    void start();
    /// What is answered from now on. Until the first one, 503 is.
    void show(SharedMetrics metrics);
    /// How many times all of this snapshot was answered. Any thread.
    [[nodiscard]] std::uint64_t scrapesOf(const SharedMetrics &metrics) const;
    [[nodiscard]] std::uint16_t port() const { return m_port; }

private:
    struct Connection;

    MetricsListener(int socket, int wakeUp, std::uint16_t port);
    void run();
    /// Where there are too many, the oldest that has not asked yet makes room.
    void accept(std::list<Connection> &connections);
    [[nodiscard]] static bool hasNotAsked(const Connection &connection);
    /// False: it is done with.
    [[nodiscard]] bool serve(Connection &connection);
    [[nodiscard]] bool read(Connection &connection);
    [[nodiscard]] bool write(Connection &connection);
    void answer(Connection &connection);

    int m_socket;
    int m_wakeUp; ///< an eventfd
    std::uint16_t m_port;
    std::atomic<bool> m_isEnding = false;
    mutable std::mutex m_mutex; ///< of the two below
    SharedMetrics m_metrics;
    std::uint64_t m_scrapes = 0; ///< of m_metrics
    std::thread m_thread;
};

} // namespace parlor::cli::load
