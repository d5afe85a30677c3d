// SPDX-License-Identifier: MIT
#pragma once

#include "server/admin/adminapi.h"
#include "server/admin/adminlistener.h"
#include "server/admin/servercontrol.h"
#include "server/auth/authentication.h"
#include "server/chat/chatlimits.h"
#include "server/chat/clientregistry.h"
#include "server/chat/resumetokens.h"
#include "server/chat/userquotas.h"
#include "server/engine/engine.h"
#include "server/engine/roomtable.h"
#include "server/front/listener.h"
#include "server/http/endpoints.h"
#include "server/ops/options.h"
#include "server/ops/pulse.h"
#include "server/redisopening.h"
#include "server/worker/admission.h"
#include "server/worker/connectionlimits.h"
#include "server/worker/sendchoice.h"
#include "server/workerpool.h"
#include "shared/protocol/result.h"

#include <QDeadlineTimer>
#include <QObject>
#include <QSslConfiguration>
#include <QTimer>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace parlor {

/// Owns all parts of the server: starts them, drains them, stops them. Main thread; as a StatusSource it is
/// asked from the workers' threads.
class Server final : public QObject, public StatusSource, public admin::ServerControl
{
    Q_OBJECT
public:
    /// Reads flags, environment and file again.
    using OptionsReader = std::function<std::variant<Options, EarlyExit>()>;

    Server(const Options &options, OptionsReader readAgain);
    ~Server() override;

    /// Copies the database of these options to the new file that they name: what was copied, for people.
    [[nodiscard]] static Result<std::string> backUp(const Options &options);

    /// The error is for people.
    [[nodiscard]] Result<void> start();
    /// Reads the configuration again, certificate and key too, and uses what may change while clients are
    /// connected (Declaration::isLive). Says what differs, a line each; the log has it, too. Where anything
    /// is wrong nothing changes, and the error says what.
    Result<std::vector<std::string>> reload() override;
    /// Serves on for the drain delay, not ready any more; then sends the clients away, and stops. Each
    /// further call ends what is under way: the delay, then the moving. stopped() follows.
    void drain() override;

    // StatusSource
    [[nodiscard]] std::string hostname() const override { return m_started.hostname; }
    [[nodiscard]] std::string chat() const override;
    [[nodiscard]] Readiness readiness() const override;
    [[nodiscard]] std::uint64_t connections() const override { return m_admission.count(); }
    [[nodiscard]] std::vector<std::string> activeClients(std::size_t limit) const override
    {
        return m_clients.ids(limit);
    }
    [[nodiscard]] std::string metrics() const override;

    // admin::ServerControl
    [[nodiscard]] Status status() const override;
    [[nodiscard]] const Options &options() const override { return m_options; }
    void rebalance(double fraction, std::chrono::milliseconds within) override;
    [[nodiscard]] Result<std::vector<std::string>> tryReload() const override;

Q_SIGNALS:
    /// The last connection is gone, or the time for it is over.
    void stopped();
    /// It could not start after all, as start() could not yet know; the text is for people.
    void failed(const std::string &text);

private:
    enum class Phase : std::uint8_t {
        Starting, ///< Redis is not there yet: who comes is told to come again
        Serving,
        Leaving,  ///< told to stop, and still serving: whoever sends clients here is to notice
        Draining, ///< newcomers are refused, clients are sent away
        Finished,
    };

    void onOpened(RedisOpening::Opened opened);
    void fail(const std::string &why);
    [[nodiscard]] Result<void> startAdmin();
    [[nodiscard]] std::string storeName() const;
    void moveClientsAway();
    void checkDrained();
    void finish();
    [[nodiscard]] RoomLimits roomLimits() const;
    [[nodiscard]] Result<void> openEngine();
    void useRedis(std::unique_ptr<redis::Store> store);
    [[nodiscard]] static Result<std::optional<QSslConfiguration>> loadTls(const Options &options);
    /// What a reload brings.
    struct Fresh
    {
        Options options;
        std::optional<QSslConfiguration> tls{}; ///< nullopt: there is no certificate
        std::optional<admin::AdminKeys> adminKeys{};
        std::vector<std::string> lines{}; ///< what differs
    };
    [[nodiscard]] Result<Fresh> readOptionsAgain() const;
    void use(Fresh &fresh);
    void useLimits();
    [[nodiscard]] Result<void> startWorkers(unsigned count, const Worker::ApplicationFactory &application);
    [[nodiscard]] Result<void> startChats();
    [[nodiscard]] Result<void> listenOn(const ListenAddress &wanted, Door door);

    const Options m_started; ///< for any thread: what does not change while it runs
    Options m_options;       ///< in force
    const OptionsReader m_readOptions;
    const std::chrono::seconds m_startTime;
    const std::uint64_t m_descriptors; ///< may be open; 0: unknown
    ChatLimits m_chatLimits;
    ConnectionLimits m_connectionLimits;
    Admission m_admission;
    std::unique_ptr<Engine> m_engine;
    std::optional<ResumeTokens> m_tokens; ///< once it is known who has their secret
    SendKind m_sends = SendKind::SystemCalls;
    ClientRegistry m_clients;
    UserQuotas m_users;
    std::atomic<Phase> m_phase{Phase::Serving};
    std::unique_ptr<RedisOpening> m_redis;            ///< null: Redis was there at once, or is not used
    std::unique_ptr<Authentication> m_authentication; ///< null: everybody may enter
    std::unique_ptr<WorkerPool> m_workers;            ///< behind all that they use
    std::optional<QSslConfiguration> m_tls;           ///< of wss:// listeners
    std::vector<std::unique_ptr<Listener>> m_listeners;
    std::unique_ptr<admin::AdminApi> m_admin; ///< null: there is none
    std::unique_ptr<admin::AdminListener> m_adminListener;
    QTimer m_housekeeping;
    QTimer m_watchdog;
    Pulse m_pulse;
    QTimer m_drainDelay;
    QTimer m_drainCheck;
    QDeadlineTimer m_drainDeadline;
    std::uint64_t m_toMove = 0; ///< connections, when the moving began
};

} // namespace parlor
