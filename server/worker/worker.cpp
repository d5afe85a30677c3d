// SPDX-License-Identifier: MIT
#include "server/worker/worker.h"

#include "server/ops/logging.h"
#include "server/transport/nativetransport.h"
#include "server/transport/qttransport.h"
#include "server/worker/requestconnection.h"
#include "server/worker/websocketconnection.h"

#include <QSocketNotifier>
#include <QTimer>

namespace parlor {

namespace {

/// Sends of one flush before the worker looks after its other events again.
constexpr std::size_t kSendsPerFlush = 4096;
/// Times that a turn goes on because something came meanwhile.
constexpr int kRoundsPerTurn = 8;

} // namespace

Worker::Worker(Config config)
    : WorkerContext(config.limits, config.status, config.admission, m_metrics)
    , m_config(std::move(config))
    , m_ready([this] { turnSoon(); })
{
}

Worker::~Worker() = default;

void Worker::start()
{
    m_buffer.resize(kBuffer + kBufferSlack);
    m_transportSlab = std::make_unique<Slab>(sizeof(NativeTransport));
    m_connectionSlab = std::make_unique<Slab>(sizeof(WebSocketConnection));
    m_poller = std::make_unique<EdgePoller>(std::span(m_buffer.data(), kBuffer));
    m_wakeTimer = std::make_unique<WakeTimer>(*m_poller);
    m_handshake = std::make_unique<Handshake>(m_config.allowedOrigins);
    m_flusher = std::make_unique<Flusher<WebSocketConnection>>(makeSendBatch(m_config.sends), m_metrics);
    m_application = m_config.application(m_inbox, m_metrics, [this] { return now(); });

    m_pollNotifier = std::make_unique<QSocketNotifier>(m_poller->descriptor(), QSocketNotifier::Read);
    connect(m_pollNotifier.get(), &QSocketNotifier::activated, this, [this] { turn(); });
    m_inboxNotifier = std::make_unique<QSocketNotifier>(m_inbox.descriptor(), QSocketNotifier::Read);
    connect(m_inboxNotifier.get(), &QSocketNotifier::activated, this, [this] { turn(); });

    m_timer = std::make_unique<QTimer>();
    m_timer->setTimerType(Qt::PreciseTimer);
    connect(m_timer.get(), &QTimer::timeout, this, [this] { tick(); });
    m_tickExpected = std::chrono::steady_clock::now() + TimerWheel::kTick;
    m_timer->start(TimerWheel::kTick);
}

void Worker::stop()
{
    m_timer.reset();
    m_pollNotifier.reset();
    m_inboxNotifier.reset();
    for (const auto &connection : m_connections)
        connection->abort();
    settleAll();
    m_retired.clear();
    m_connections.clear();
    m_application.reset();
    m_flusher.reset();
    m_handshake.reset();
    m_wakeTimer.reset();
    m_poller.reset();
    m_connectionSlab.reset();
    m_transportSlab.reset();
}

void Worker::accept(Newcomer newcomer)
{
    m_load.fetch_add(1, std::memory_order_relaxed);
    m_inbox.put(std::move(newcomer));
}

// ---- a turn

/// Before the event loop waits for descriptors again.
void Worker::turnSoon()
{
    if (m_timer) // stop() takes it away, and with it what is posted for it
        QMetaObject::invokeMethod(
            m_timer.get(), [this] { turn(); }, Qt::QueuedConnection);
}

void Worker::turn()
{
    m_inbox.wake();
    m_now = std::chrono::steady_clock::now();
    m_poller->dispatch();
    m_ready.dispatch();
    // After the reading: a burst of clients whose heads are here already is no crowd of half-open ones.
    for (const auto &[crowd, most] :
         {std::pair(&m_halfOpen, limits.halfOpen), std::pair(&m_halfOpenTls, limits.halfOpenTls),
          std::pair(&m_halfOpenMetrics, std::min(limits.halfOpen, ConnectionLimits::kHalfOpenMetrics))}) {
        while (crowd->size() > most)
            crowd->front()->evict();
    }
    Application::Flushed flushed;
    for (int round = 0; round < kRoundsPerTurn; ++round) {
        takeInbox();
        settleAll();
        flushed = flush();
        const bool settled = m_toSettle.empty();
        if (settled && m_inbox.sleep()) {
            bury();
            if (flushed.unfinished)
                m_inbox.kick();
            else if (flushed.resumeAt)
                m_wakeTimer->wakeAt(*flushed.resumeAt);
            return;
        }
    }
    takeInbox(); // whoever is buried has had what it was promised
    bury();
    m_inbox.kick();
}

Application::Flushed Worker::flush()
{
    const SteadyTime before = std::chrono::steady_clock::now();
    const Application::Flushed flushed = application().flush(kSendsPerFlush);
    flusher().run();
    const SteadyTime after = std::chrono::steady_clock::now();
    application().onFlushed(after - before, after);
    return flushed;
}

void Worker::tick()
{
    const SteadyTime now = std::chrono::steady_clock::now();
    m_metrics.loopLag.observe(std::max(now - m_tickExpected, SteadyTime::duration::zero()));
    m_metrics.ticks.add();
    m_tickExpected = now + TimerWheel::kTick;
    m_now = now;
    wheel.advance(now);
    application().onTick();
    turn();
}

void Worker::takeInbox()
{
    m_inbox.take(m_taken);
    for (InboxItem &item : m_taken)
        std::visit([this](auto &what) { handle(what); }, item);
    m_taken.clear();
}

void Worker::handle(Delivery &delivery)
{
    application().onDelivery(std::move(delivery));
}

void Worker::handle(const DrainCommand &command)
{
    application().drain(command.window);
}

void Worker::handle(const RebalanceCommand &command)
{
    application().rebalance(command.fraction, command.window);
}
void Worker::handle(const KeysRefreshed &)
{
    application().onKeysRefreshed();
}

void Worker::handle(const NewLimits &changed)
{
    m_limits = *changed.connection;
    if (m_config.allowedOrigins != *changed.allowedOrigins) {
        m_config.allowedOrigins = *changed.allowedOrigins;
        m_handshake = std::make_unique<Handshake>(m_config.allowedOrigins);
    }
    application().onLimits(*changed.chat);
}

/// Those that ended are told so; those that may go on with their input do. Either may end or hold others.
void Worker::settleAll()
{
    while (!m_toSettle.empty()) {
        for (const auto now = std::exchange(m_toSettle, {}); WebSocketConnection * connection : now)
            connection->settle();
    }
}

void Worker::bury()
{
    settleAll(); // nobody goes before its listener knows
    for (WorkerConnection *dead : std::exchange(m_retired, {})) {
        const std::size_t index = dead->index();
        std::swap(m_connections[index], m_connections.back());
        m_connections[index]->setIndex(index);
        m_connections.pop_back();
        m_load.fetch_sub(1, std::memory_order_relaxed);
    }
}

// ---- connections

template <typename Made>
Made &Worker::own(std::unique_ptr<Made> connection)
{
    connection->setIndex(m_connections.size());
    Made &made = *connection;
    m_connections.push_back(std::move(connection));
    return made;
}

/// Null: the system does not watch it, and the socket is closed.
std::unique_ptr<Transport> Worker::makeTransport(const AcceptedSocket &socket)
{
    if (socket.transport == TransportKind::Qt) {
        auto transport = std::make_unique<QtTransport>(socket, m_ready, m_poller->buffer());
        return transport->isOpen() ? std::move(transport) : nullptr;
    }
    std::unique_ptr<NativeTransport> transport(new (*m_transportSlab)
                                                   NativeTransport(socket.descriptor, *m_poller));
    return transport->isWatched() ? std::move(transport) : nullptr;
}

void Worker::handle(const Newcomer &newcomer)
{
    auto transport = makeTransport(newcomer.socket);
    if (!transport) {
        qCWarning(log::accept, "a connection is dropped: the system watches no more descriptors");
        m_load.fetch_sub(1, std::memory_order_relaxed);
        return;
    }
    auto &request = own(std::make_unique<RequestConnection>(std::move(transport), *this, newcomer.door));
    request.halfOpen = newcomer.door == Door::Metrics ? &m_halfOpenMetrics
                       : newcomer.socket.tls          ? &m_halfOpenTls
                                                      : &m_halfOpen;
    request.halfOpenPosition = request.halfOpen->insert(request.halfOpen->end(), &request);
}

void Worker::leaveHalfOpen(RequestConnection &connection)
{
    if (auto *const crowd = std::exchange(connection.halfOpen, nullptr))
        crowd->erase(connection.halfOpenPosition);
}

void Worker::upgrade(RequestConnection &from, Upgrade upgrade)
{
    SharedBucket &requests = upgrade.ticket.requests();
    auto &connection = own(std::unique_ptr<WebSocketConnection>(
        new (*m_connectionSlab) WebSocketConnection(from.takeTransport(), *this, std::move(upgrade.ticket))));
    m_load.fetch_add(1, std::memory_order_relaxed);
    retire(from);
    connection.open(upgrade.response,
                    {upgrade.subprotocol, upgrade.address, std::move(upgrade.credential), &requests});
}

void Worker::settleLater(WebSocketConnection &connection)
{
    m_toSettle.push_back(&connection);
}

void Worker::retire(WorkerConnection &connection)
{
    m_retired.push_back(&connection);
}

} // namespace parlor
