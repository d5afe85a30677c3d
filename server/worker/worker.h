// SPDX-License-Identifier: MIT
#pragma once

#include "server/transport/edgepoller.h"
#include "server/transport/readylist.h"
#include "server/transport/sendbatch.h"
#include "server/transport/slab.h"
#include "server/worker/flusher.h"
#include "server/worker/inbox.h"
#include "server/worker/waketimer.h"
#include "server/worker/workercontext.h"

#include <QObject>

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

class QSocketNotifier;
class QTimer;

namespace parlor {

/// One thread's connections: their bytes, deadlines and sends, and the Application that gives them a meaning.
/// Its turn: read what is ready, take the inbox, let deadlines pass, flush once. Made anywhere; start() and
/// everything after it on its own thread, where an ordinary Qt event loop runs. Owned by the Server.
class Worker final : public QObject, public WorkerContext
{
    Q_OBJECT
public:
    /// Makes what this worker serves, on its thread. `now` tells the time of the turn.
    using ApplicationFactory = std::function<std::unique_ptr<Application>(
        DeliveryPort &inbox, WorkerMetrics &metrics, std::function<SteadyTime()> now)>;

    struct Config
    {
        const ConnectionLimits &limits; ///< at first; the next two outlive the worker

        const StatusSource &status;
        Admission &admission;
        std::vector<std::string> allowedOrigins;
        ApplicationFactory application;
        SendKind sends = SendKind::SystemCalls;
    };

    explicit Worker(Config config);
    ~Worker() override;

    /// On the worker's thread, before anything else.
    void start();
    /// On the worker's thread: everything that start() made is destroyed.
    void stop();

    /// Any thread.
    [[nodiscard]] Inbox &inbox() { return m_inbox; }
    [[nodiscard]] const WorkerMetrics &workerMetrics() const { return m_metrics; }
    /// Sockets that this worker has or will have. Any thread.
    [[nodiscard]] std::size_t load() const { return m_load.load(std::memory_order_relaxed); }
    /// Takes a connected socket. Any thread.
    void accept(Newcomer newcomer);

private:
    // WorkerContext
    void upgrade(RequestConnection &from, Upgrade upgrade) override;
    void leaveHalfOpen(RequestConnection &connection) override;
    void settleLater(WebSocketConnection &connection) override;
    void retire(WorkerConnection &connection) override;

    void turn();
    void turnSoon();
    Application::Flushed flush();
    void tick();
    void handle(Delivery &delivery);
    void handle(const Newcomer &newcomer);
    void handle(const DrainCommand &command);
    void handle(const RebalanceCommand &command);
    void handle(const KeysRefreshed &);
    void handle(const NewLimits &changed);
    [[nodiscard]] std::unique_ptr<Transport> makeTransport(const AcceptedSocket &socket);
    template <typename Made>
    Made &own(std::unique_ptr<Made> connection);
    void takeInbox();
    void settleAll();
    void bury();

    static constexpr std::size_t kBuffer = 64 * 1024;
    static constexpr std::size_t kBufferSlack = 64; ///< parsers may look past the end

    Config m_config;
    WorkerMetrics m_metrics;
    Inbox m_inbox;
    std::atomic<std::size_t> m_load{0};

    std::vector<char> m_buffer;
    std::unique_ptr<Slab> m_transportSlab;
    std::unique_ptr<Slab> m_connectionSlab;
    std::unique_ptr<EdgePoller> m_poller;
    std::unique_ptr<WakeTimer> m_wakeTimer;
    ReadyList m_ready;
    std::unique_ptr<QSocketNotifier> m_pollNotifier;
    std::unique_ptr<QSocketNotifier> m_inboxNotifier;
    std::unique_ptr<QTimer> m_timer;
    SteadyTime m_tickExpected{};

    std::vector<InboxItem> m_taken;
    std::vector<std::unique_ptr<WorkerConnection>> m_connections;
    /// Those that are no WebSockets yet, or never will be; oldest first.
    std::list<RequestConnection *> m_halfOpen;
    std::list<RequestConnection *> m_halfOpenTls;
    std::list<RequestConnection *> m_halfOpenMetrics;
    std::vector<WebSocketConnection *> m_toSettle;
    std::vector<WorkerConnection *> m_retired;
};

} // namespace parlor
