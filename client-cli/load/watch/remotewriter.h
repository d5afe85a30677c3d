// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/watch/metricfamily.h"
#include "shared/protocol/result.h"

#include <QByteArray>
#include <QUrl>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

class QNetworkAccessManager;

namespace parlor::cli::load {

/// Where snapshots are sent to, and with which headers besides those of the protocol.
struct RemoteWriteTarget
{
    QUrl url;
    std::vector<std::pair<QByteArray, QByteArray>> headers{};
};
/// The error: it is no http:// or https:// address, or a header is not `Name: value`.
[[nodiscard]] Result<RemoteWriteTarget> parseRemoteWrite(std::string_view url,
                                                         const std::vector<std::string> &headers);

/// Sends snapshots to a Prometheus by remote write 1.0, in a thread of its own: a POST of all that waits, one
/// at a time. What the receiver cannot take now (no connection, 429, 5xx) is tried again, with longer and
/// longer pauses; what it refuses is dropped. Only so many snapshots wait: the oldest go first, and since
/// counters only grow a chart then has a gap, and no total is wrong. Qt's network classes do the HTTP and
/// TLS: the program links them anyway.
class RemoteWriter
{
public:
    using Clock = std::chrono::steady_clock;

    explicit RemoteWriter(RemoteWriteTarget target);
    /// What waits is dropped.
    ~RemoteWriter();
    RemoteWriter(const RemoteWriter &) = delete;
    RemoteWriter &operator=(const RemoteWriter &) = delete;

    /// Called once: its thread begins to send. Throws std::system_error where there is no thread for it.
    void start();
    /// Does not wait.
    void push(SharedMetrics metrics);
    /// Nothing more is pushed: it is over when all is sent, and at the deadline at the latest.
    void endBy(Clock::time_point deadline);
    [[nodiscard]] bool isOver();
    /// Ends it now. Returns what people should know: that snapshots did not arrive, and why; nullopt: all
    /// did.
    [[nodiscard]] std::optional<std::string> finish();

private:
    enum class Outcome : std::uint8_t { Taken, Refused, NotNow };
    struct Answer
    {
        Outcome outcome;
        std::string why{};
    };

    void run();
    [[nodiscard]] Answer post(QNetworkAccessManager &manager, const std::vector<SharedMetrics> &batch,
                              std::chrono::milliseconds atMost);
    void keep(std::vector<SharedMetrics> batch);
    void join();
    /// Never, while it is not to end.
    [[nodiscard]] Clock::time_point deadline();

    RemoteWriteTarget m_target;
    std::mutex m_mutex; ///< of all below, but for the thread
    std::condition_variable m_changed;
    std::deque<SharedMetrics> m_waiting;
    std::optional<Clock::time_point> m_deadline; ///< it is to end, and by then at the latest
    bool m_isOver = false;
    std::uint64_t m_dropped = 0;
    std::uint64_t m_pushed = 0;
    std::string m_why; ///< why the first one was not taken
    std::thread m_thread;
};

} // namespace parlor::cli::load
