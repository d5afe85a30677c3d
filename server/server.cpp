// SPDX-License-Identifier: MIT
#include "server/server.h"

#include "server/chat/chat.h"
#include "server/engine/memoryengine.h"
#include "server/engine/sqlite/backup.h"
#include "server/engine/sqlite/store.h"
#include "server/engine/storedengine.h"
#include "server/limits.h"
#include "server/ops/liveoptions.h"
#include "server/ops/logging.h"
#include "server/ops/secret.h"
#include "server/ops/servicemanager.h"
#include "server/ops/tlsidentity.h"
#include "server/ops/values.h"

#include <algorithm>
#include <system_error>

namespace parlor {

namespace {

constexpr std::chrono::milliseconds kDrainCheck{20};
constexpr std::chrono::seconds kHousekeeping{10};
/// The part of the drain time in which clients are sent away; the rest is for closing handshakes.
constexpr double kFarewellShare = 0.8;

std::chrono::milliseconds wallClock()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
}

/// Serves no clients: none is let in before there is an engine.
class Nobody final : public Application
{
    PeerNumber greet(Peer &, const PeerInfo &) override { return 0; }
    std::unique_ptr<PeerListener> accept(PeerNumber) override { return nullptr; }
    void forget(PeerNumber) override {}
    void onDelivery(Delivery) override {}
    Flushed flush(std::size_t) override { return {}; }
    void onFlushed(std::chrono::nanoseconds, SteadyTime) override {}
    void onTick() override {}
    void drain(std::chrono::milliseconds) override {}
};

std::unique_ptr<Application> nobody(DeliveryPort &, WorkerMetrics &, const std::function<SteadyTime()> &)
{
    return std::make_unique<Nobody>();
}

/// Where clients come, or where metrics are.
QString url(const ListenAddress &listen, quint16 port, Door door)
{
    const bool v6 = listen.address.protocol() == QAbstractSocket::IPv6Protocol;
    const QString host = listen.address.toString();
    const QString form = door == Door::Metrics                ? QStringLiteral("http://%1:%2/metrics")
                         : listen.scheme == ListenScheme::Wss ? QStringLiteral("wss://%1:%2/ws")
                                                              : QStringLiteral("ws://%1:%2/ws");
    return form.arg(v6 ? u'[' + host + u']' : host).arg(port);
}

/// What the store does not keep, to be put behind its path.
std::string limitsText(const Options &options)
{
    std::string text;
    if (options.historyMaxMessages != 0)
        text += ", at most " + std::to_string(options.historyMaxMessages) + " of a room";
    if (options.historyMaxAge.count() != 0)
        text += ", for " + values::ageText(options.historyMaxAge);
    return text;
}

/// Why it does not listen, and what to do.
QString whyNot(const QTcpServer &server, quint16 port, Door door)
{
    switch (server.serverError()) {
    case QAbstractSocket::AddressInUseError:
        return QStringLiteral("another listener has it; stop that one (ss -ltnp names it), or give another "
                              "port with %1")
            .arg(door == Door::Metrics ? QStringLiteral("--metrics-listen") : QStringLiteral("--listen"));
    case QAbstractSocket::SocketAddressNotAvailableError:
        return QStringLiteral("this machine has no such address; give one of its own (ip addr lists them), "
                              "or 0.0.0.0 for all");
    case QAbstractSocket::SocketAccessError:
        return port < 1024 ? QStringLiteral("permission denied; ports below 1024 need CAP_NET_BIND_SERVICE")
                           : QStringLiteral("permission denied");
    default:
        return server.errorString();
    }
}

} // namespace

Server::Server(const Options &options, OptionsReader readAgain)
    : m_started(options)
    , m_options(options)
    , m_readOptions(std::move(readAgain))
    , m_startTime(std::chrono::duration_cast<std::chrono::seconds>(wallClock()))
    , m_descriptors(raiseDescriptorLimit())
    , m_chatLimits(chatLimits(options))
    , m_connectionLimits(connectionLimits(options, m_descriptors))
    , m_admission(admissionLimits(options, m_descriptors))
{
    m_drainDelay.setSingleShot(true);
    connect(&m_drainDelay, &QTimer::timeout, this, &Server::moveClientsAway);
    connect(&m_drainCheck, &QTimer::timeout, this, &Server::checkDrained);
    connect(&m_housekeeping, &QTimer::timeout, this, &log::sayLeftOut);
    m_housekeeping.start(kHousekeeping);
    connect(&m_watchdog, &QTimer::timeout, this, [this] {
        if (m_pulse.isThere(m_workers->metrics()))
            servicemanager::tell("WATCHDOG=1");
    });
}

Server::~Server()
{
    m_redis.reset(); // else it could bring an engine yet
    m_listeners.clear();
    m_adminListener.reset();
    if (m_engine)
        m_engine->stop(); // it delivers to the workers
    if (m_workers)
        m_workers->stop(); // while they still answer, and ask for metrics()
    m_workers.reset();
    log::sayLeftOut();
}

Result<std::string> Server::backUp(const Options &options)
{
    const auto copied = sqlite::backUp(*options.store.database, *options.backup);
    if (!copied)
        return copied.error();
    return "copied " + *options.store.database + " to " + *options.backup + ": " +
           std::to_string(copied->messages) + (copied->messages == 1 ? " message, " : " messages, ") +
           values::roundSizeText(copied->bytes);
}

RoomLimits Server::roomLimits() const
{
    return {m_options.historyMemory, m_options.maxRooms, m_options.rooms == RoomPolicy::Fixed};
}

Result<void> Server::openEngine()
{
    if (m_options.redis) {
        auto store = RedisOpening::open(m_started, wallClock);
        if (!store)
            return store.error();
        useRedis(*std::move(store));
        return {};
    }
    if (!m_options.store.database) {
        m_engine = std::make_unique<MemoryEngine>(roomLimits(), wallClock);
        qCInfo(log::server) << "messages are kept in memory, and end with this process";
        return {};
    }
    sqlite::Store::Config config;
    config.path = *m_options.store.database;
    config.durability = m_options.durability == DurabilityChoice::Power ? sqlite::Durability::Power
                                                                        : sqlite::Durability::Normal;
    config.retention = {m_options.historyMaxAge, m_options.historyMaxMessages};
    config.log = {[](const std::string &text) { qCWarning(log::server, "%s", text.c_str()); },
                  [](const std::string &text) { qCInfo(log::server, "%s", text.c_str()); }};
    auto store = sqlite::Store::open(config, wallClock);
    if (!store)
        return store.error();
    m_engine = std::make_unique<StoredEngine>(std::move(store).value(), StoredEngine::Config{roomLimits()},
                                              wallClock);
    qCInfo(log::server, "messages are kept in %s%s", config.path.c_str(), limitsText(m_options).c_str());
    return {};
}

void Server::useRedis(std::unique_ptr<redis::Store> store)
{
    if (!m_tokens)
        m_tokens.emplace(store->secret(), wallClock);
    m_engine =
        std::make_unique<StoredEngine>(std::move(store), StoredEngine::Config{roomLimits()}, wallClock);
    qCInfo(log::server, "messages are kept in %s, as %s*%s", m_options.redis->text().c_str(),
           m_options.redisPrefix.c_str(), limitsText(m_options).c_str());
}

Result<void> Server::start()
{
    if (const auto needed = descriptorsNeeded(m_options.workers);
        m_descriptors != 0 && m_descriptors < needed) {
        return Error{.text = "this process may open " + std::to_string(m_descriptors) + " files, and needs " +
                             std::to_string(needed) +
                             " before anybody connects: raise LimitNOFILE or ulimit -n, or lower --workers"};
    }
    auto tls = loadTls(m_options);
    if (!tls)
        return tls.error();
    m_tls = *std::move(tls);
    if (m_options.secretFile) {
        const auto secret = loadSecret(*m_options.secretFile);
        if (!secret)
            return secret.error();
        m_tokens.emplace(*secret, wallClock);
    }
    const auto opened = openEngine();
    if (!opened && !opened.error().retryAfter)
        return opened;
    if (!opened)
        m_phase = Phase::Starting;
    if (m_options.transport != TransportChoice::Qt) {
        const Result<SendKind> chosen = chooseSends(m_started.sends, m_started.workers);
        if (!chosen)
            return chosen.error();
        m_sends = *chosen;
    }
    if (m_admission.most() != m_options.maxConnections) {
        qCInfo(log::server).noquote()
            << "at most" << m_admission.most() << "connections: this process may open" << m_descriptors
            << "files (raise LimitNOFILE or ulimit -Hn, or lower "
               "--max-connections)";
    }
    if (auto done = opened ? startChats() : startWorkers(1, nobody); !done)
        return done;
    const Door door = m_options.metricsListen.empty() ? Door::Everything : Door::Clients;
    for (const ListenAddress &wanted : m_options.listen) {
        if (auto done = listenOn(wanted, door); !done)
            return done;
    }
    for (const ListenAddress &wanted : m_options.metricsListen) {
        if (auto done = listenOn(wanted, Door::Metrics); !done)
            return done;
    }
    if (auto done = startAdmin(); !done)
        return done;
    servicemanager::tell("READY=1");
    if (const auto interval = servicemanager::watchdogInterval())
        m_watchdog.start(std::chrono::duration_cast<std::chrono::milliseconds>(*interval / 3));
    if (!opened) {
        m_redis = std::make_unique<RedisOpening>(
            [this] { return RedisOpening::open(m_started, wallClock); },
            [this](RedisOpening::Opened store) { onOpened(std::move(store)); });
        m_redis->tryAgain(opened.error());
    }
    return {};
}

Result<void> Server::startAdmin()
{
    if (!m_options.adminListen)
        return {};
    std::optional<admin::AdminKeys> keys;
    if (m_options.adminKeyFile) {
        auto loaded = admin::AdminKeys::load(*m_options.adminKeyFile);
        if (!loaded)
            return loaded.error();
        keys = *std::move(loaded);
    }
    m_admin = std::make_unique<admin::AdminApi>(*this, wallClock);
    if (m_engine)
        m_admin->setEngine(*m_engine);
    m_adminListener = std::make_unique<admin::AdminListener>(
        [this](const admin::ApiRequest &request, admin::Respond respond) {
            m_admin->handle(request, std::move(respond));
        });
    m_adminListener->setKeys(std::move(keys));
    m_adminListener->setTls(m_options.adminListen->kind == AdminAddress::Kind::Tls ? m_tls : std::nullopt);
    if (auto done = m_adminListener->start(*m_options.adminListen); !done)
        return done;
    qCInfo(log::server).noquote() << "the admin API is at" << m_adminListener->place();
    return {};
}

Result<void> Server::startWorkers(unsigned count, const Worker::ApplicationFactory &application)
{
    try {
        m_workers = std::make_unique<WorkerPool>(count, Worker::Config{m_connectionLimits, *this, m_admission,
                                                                       m_options.allowedOrigins, application,
                                                                       m_sends});
    } catch (const std::system_error &error) {
        return Error{.text = "cannot start " + std::to_string(count) + " workers: " + error.code().message() +
                             "; lower --workers, or raise the limit of threads (TasksMax or ulimit -u)"};
    }
    return {};
}

Result<void> Server::startChats()
{
    if (!m_tokens)
        m_tokens.emplace(drawSecret(), wallClock);
    ChatServices services{*m_engine, *m_tokens, m_chatLimits, m_options.hostname, wallClock, m_clients};
    services.users = &m_users;
    auto authentication = Authentication::make(m_options);
    if (!authentication)
        return authentication.error();
    m_authentication = *std::move(authentication);
    if (m_authentication) {
        services.authenticator = &m_authentication->authenticator();
        connect(m_authentication.get(), &Authentication::keysRefreshed, this, [this] {
            if (m_workers)
                m_workers->putToAll(KeysRefreshed{});
        });
    }
    return startWorkers(m_options.workers, [services](DeliveryPort &inbox, WorkerMetrics &metrics,
                                                      std::function<SteadyTime()> now) {
        return std::make_unique<Chat>(services, inbox, metrics, std::move(now));
    });
}

// ---- once Redis is there

void Server::onOpened(RedisOpening::Opened opened)
{
    if (m_phase != Phase::Starting)
        return; // told to stop meanwhile
    if (!opened)
        return fail(opened.error().text);
    m_workers->stop();
    m_workers.reset(); // before there is an engine: they ask for its figures
    useRedis(*std::move(opened));
    if (const auto done = startChats(); !done)
        return fail(done.error().text);
    if (m_admin)
        m_admin->setEngine(*m_engine);
    m_phase = Phase::Serving;
    qCInfo(log::server) << "serving";
}

void Server::fail(const std::string &why)
{
    m_listeners.clear(); // there may be no workers to take anybody
    m_watchdog.stop();
    Q_EMIT failed(why);
}

std::string Server::chat() const
{
    return m_engine ? m_engine->chat() : std::string();
}

StatusSource::Readiness Server::readiness() const
{
    switch (m_phase) {
    case Phase::Starting:
        return Readiness::Starting;
    case Phase::Serving:
        return m_authentication && !m_authentication->canCheck() ? Readiness::Keyless : Readiness::Ready;
    case Phase::Leaving:
        return Readiness::Leaving;
    case Phase::Draining:
    case Phase::Finished:
        break;
    }
    return Readiness::Draining;
}

Result<void> Server::listenOn(const ListenAddress &wanted, Door door)
{
    const bool isTls = wanted.scheme == ListenScheme::Wss;
    const TransportKind kind =
        isTls || m_options.transport == TransportChoice::Qt ? TransportKind::Qt : TransportKind::Native;
    auto listener = std::make_unique<Listener>([this, isTls, kind, door](int descriptor) {
        m_workers->accept({{descriptor, kind, isTls ? m_tls : std::nullopt}, door});
    });
    if (!listener->start(wanted.address, wanted.port)) {
        return Error{.text = "cannot listen on " + values::text(wanted) + ": " +
                             whyNot(listener->server(), wanted.port, door).toStdString()};
    }
    qCInfo(log::server).noquote() << (door == Door::Metrics ? "metrics are at" : "listening on")
                                  << url(wanted, listener->server().serverPort(), door);
    m_listeners.push_back(std::move(listener));
    return {};
}

/// nullopt: there is no certificate.
Result<std::optional<QSslConfiguration>> Server::loadTls(const Options &options)
{
    if (!options.tlsCertificate || !options.tlsKey)
        return std::optional<QSslConfiguration>();
    Result<TlsIdentity> loaded = loadTlsIdentity(*options.tlsCertificate, *options.tlsKey);
    if (!loaded)
        return loaded.error();
    for (const std::string &warning : loaded->warnings)
        qCWarning(log::server, "%s", warning.c_str());
    return std::optional(std::move(loaded->configuration));
}

Result<std::vector<std::string>> Server::reload()
{
    if (m_phase == Phase::Draining || m_phase == Phase::Finished)
        return Error{ErrorCode::Unavailable, "the server is stopping"};
    servicemanager::tellReloading();
    auto fresh = readOptionsAgain();
    if (!fresh) {
        qCWarning(log::server, "nothing was changed: %s", fresh.error().text.c_str());
        servicemanager::tell("READY=1");
        return fresh.error();
    }
    if (m_authentication) { // the last that can fail: its keys are in force at once
        auto keys = m_authentication->reload();
        if (!keys) {
            qCWarning(log::server, "%s; nothing was changed", keys.error().text.c_str());
            servicemanager::tell("READY=1");
            return keys.error();
        }
        fresh->lines.push_back("tokens are checked: " + *keys);
    }
    for (const std::string &line : fresh->lines)
        qCInfo(log::server, "%s", line.c_str());
    use(*fresh);
    servicemanager::tell("READY=1");
    return std::move(fresh->lines);
}

Result<std::vector<std::string>> Server::tryReload() const
{
    auto fresh = readOptionsAgain();
    if (!fresh)
        return fresh.error();
    if (m_authentication) {
        const auto keys = m_authentication->tryReload();
        if (!keys)
            return keys.error();
        fresh->lines.push_back("tokens are checked: " + *keys);
    }
    return std::move(fresh->lines);
}

/// All is read before anything is used.
Result<Server::Fresh> Server::readOptionsAgain() const
{
    const auto parsed = m_readOptions();
    if (const auto *wrong = std::get_if<EarlyExit>(&parsed)) {
        const std::string text = wrong->text.substr(0, wrong->text.find_last_not_of('\n') + 1);
        return Error{.text = text};
    }
    Fresh fresh{m_options};
    const std::vector<OptionChange> changes = takeLive(fresh.options, std::get<Options>(parsed));
    if (const auto done = checkLive(fresh.options); !done)
        return done.error();
    auto tls = loadTls(fresh.options);
    if (!tls)
        return tls.error();
    fresh.tls = *std::move(tls);
    if (m_adminListener && m_options.adminKeyFile) {
        auto keys = admin::AdminKeys::load(*m_options.adminKeyFile);
        if (!keys)
            return keys.error();
        fresh.adminKeys = *std::move(keys);
    }

    std::vector<std::string> &lines = fresh.lines;
    for (const OptionChange &change : changes)
        lines.push_back(change.text());
    for (const std::string &warning : std::get<Options>(parsed).warnings)
        lines.push_back(warning);
    if (fresh.tls)
        lines.emplace_back("the certificate was read again");
    if (fresh.adminKeys)
        lines.emplace_back("the keys of the admin API were read again");
    if (lines.empty())
        lines.emplace_back("the configuration is as it was");
    return fresh;
}

void Server::use(Fresh &fresh)
{
    m_options = std::move(fresh.options);
    if (fresh.tls) // else the listeners of the start, which may have TLS, go on with what they had
        m_tls = std::move(fresh.tls);
    if (m_adminListener) {
        m_adminListener->setTls(m_options.adminListen->kind == AdminAddress::Kind::Tls ? m_tls
                                                                                       : std::nullopt);
        if (fresh.adminKeys)
            m_adminListener->setKeys(std::move(fresh.adminKeys));
    }
    log::change(m_options);
    useLimits();
}

void Server::useLimits()
{
    m_chatLimits = chatLimits(m_options);
    m_connectionLimits = connectionLimits(m_options, m_descriptors);
    m_admission.setLimits(admissionLimits(m_options, m_descriptors));
    m_workers->putToAll(
        NewLimits{std::make_shared<const ConnectionLimits>(m_connectionLimits),
                  std::make_shared<const ChatLimits>(m_chatLimits),
                  std::make_shared<const std::vector<std::string>>(m_options.allowedOrigins)});
}

void Server::drain()
{
    servicemanager::tell("STOPPING=1");
    switch (m_phase) {
    case Phase::Starting:
        return finish();
    case Phase::Serving:
        if (m_options.drainDelay.count() == 0)
            return moveClientsAway();
        m_phase = Phase::Leaving;
        m_drainDelay.start(m_options.drainDelay);
        qCInfo(log::server,
               "/ready says 503 from now on; everybody is served for %s before the drain (a second signal "
               "begins it at once)",
               values::text(m_options.drainDelay).c_str());
        return;
    case Phase::Leaving:
        return moveClientsAway();
    case Phase::Draining:
        qCInfo(log::server) << "stopping at once";
        return finish();
    case Phase::Finished:
        return;
    }
}

void Server::moveClientsAway()
{
    m_drainDelay.stop();
    m_phase = Phase::Draining;
    m_toMove = m_admission.count();
    qCInfo(log::server).noquote() << "draining" << m_toMove << "connections within"
                                  << m_options.drainTimeout.count() << "ms (another signal stops at once)";
    m_drainDeadline.setRemainingTime(m_options.drainTimeout);
    const auto window =
        std::chrono::duration_cast<std::chrono::milliseconds>(m_options.drainTimeout * kFarewellShare);
    m_workers->putToAll(DrainCommand{window});
    m_drainCheck.start(kDrainCheck);
}

void Server::checkDrained()
{
    if (m_admission.count() == 0 || m_drainDeadline.hasExpired())
        finish();
}

void Server::finish()
{
    m_drainCheck.stop();
    m_phase = Phase::Finished;
    const std::uint64_t cut = m_admission.count();
    const std::uint64_t moved = m_toMove - std::min(cut, m_toMove);
    if (cut == 0)
        qCInfo(log::server).noquote() << "stopped:" << moved << "connections moved, 0 cut";
    else
        qCWarning(log::server).noquote() << "stopped:" << moved << "connections moved," << cut << "cut";
    Q_EMIT stopped();
}

std::string Server::storeName() const
{
    if (m_started.redis)
        return "redis";
    return m_started.store.database ? "sqlite" : "memory";
}

admin::ServerControl::Status Server::status() const
{
    Status status{readiness(), m_startTime,         m_options.hostname, chat(),
                  storeName(), m_admission.count(), m_admission.most()};
    for (const WorkerMetrics *worker : m_workers->metrics())
        status.byWorker.push_back(worker->connections.value());
    if (m_engine) {
        status.rooms = m_engine->roomCount();
        status.historyBytes = m_engine->historyBytes();
    }
    return status;
}

void Server::rebalance(double fraction, std::chrono::milliseconds within)
{
    m_workers->putToAll(RebalanceCommand{fraction, within});
}

std::string Server::metrics() const
{
    ServerGauges gauges;
    if (m_engine) {
        gauges.rooms = m_engine->roomCount();
        gauges.historyBytes = m_engine->historyBytes();
        gauges.store = m_engine->storeFigures();
    } else {
        gauges.store = StoreFigures{.isShared = true};
    }
    const Readiness state = readiness();
    gauges.mostConnections = m_admission.most();
    gauges.ready = state == Readiness::Ready;
    gauges.draining = state >= Readiness::Leaving;
    gauges.startTime = m_startTime;
    const bool isNative = m_started.transport != TransportChoice::Qt;
    gauges.build = {{"version", PARLOR_VERSION},
                    {"qt", qVersion()},
                    {"store", storeName()},
                    {"transport", isNative ? "native" : "qt"},
                    {"sends", m_sends == SendKind::IoUring ? "io_uring" : "send"}};
    return prometheusText(m_workers->metrics(), gauges);
}

} // namespace parlor
