// SPDX-License-Identifier: MIT
#pragma once

#include "server/chat/chatlimits.h"
#include "server/chat/clientregistry.h"
#include "server/chat/resumetokens.h"
#include "server/engine/engine.h"
#include "server/front/listener.h"
#include "server/http/endpoints.h"
#include "server/ops/options.h"
#include "server/worker/admission.h"
#include "server/worker/connectionlimits.h"
#include "server/workerpool.h"
#include "shared/protocol/result.h"

#include <QDeadlineTimer>
#include <QObject>
#include <QSslConfiguration>
#include <QTimer>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace parlor {

struct RoomLimits;

/// Owns all parts of the server: starts them, drains them, stops them. Main thread; as a StatusSource it is
/// asked from the workers' threads.
class Server final : public QObject, public StatusSource
{
    Q_OBJECT
public:
    explicit Server(const Options &options);
    ~Server() override;

    /// Copies the database of these options to the new file that they name: what was copied, for people.
    [[nodiscard]] static Result<std::string> backUp(const Options &options);

    /// The error is for people.
    [[nodiscard]] Result<void> start();
    /// Reads the certificate and its key again, for connections that come from now on. Where that fails the
    /// old ones stay.
    void reload();
    /// Serves on for the drain delay, not ready any more; then sends the clients away, and stops. Each
    /// further call ends what is under way: the delay, then the moving. stopped() follows.
    void drain();

    // StatusSource
    [[nodiscard]] std::string hostname() const override { return m_hostname; }
    [[nodiscard]] std::string chat() const override { return m_engine->chat(); }
    [[nodiscard]] bool isReady() const override { return m_phase == Phase::Serving; }
    [[nodiscard]] bool isDraining() const override { return m_phase >= Phase::Draining; }
    [[nodiscard]] std::uint64_t connections() const override { return m_admission.count(); }
    [[nodiscard]] std::vector<std::string> activeClients(std::size_t limit) const override
    {
        return m_clients.ids(limit);
    }
    [[nodiscard]] std::string metrics() const override;

Q_SIGNALS:
    /// The last connection is gone, or the time for it is over.
    void stopped();

private:
    enum class Phase : std::uint8_t {
        Serving,
        Leaving,  ///< told to stop, and still serving: whoever sends clients here is to notice
        Draining, ///< newcomers are refused, clients are sent away
        Finished,
    };

    void moveClientsAway();
    void checkDrained();
    void finish();
    [[nodiscard]] Result<void> openEngine();
    [[nodiscard]] Result<void> openRedis(const RoomLimits &rooms);
    [[nodiscard]] Result<void> loadTls();
    [[nodiscard]] Result<void> listenOn(const ListenAddress &wanted);

    const Options m_options;
    const std::string m_hostname;
    const std::chrono::seconds m_startTime;
    const std::uint64_t m_descriptors; ///< may be open; 0: unknown
    const ChatLimits m_chatLimits;
    const ConnectionLimits m_connectionLimits;
    Admission m_admission;
    std::unique_ptr<Engine> m_engine;
    std::optional<ResumeTokens> m_tokens; ///< once it is known who has their secret
    ClientRegistry m_clients;
    std::atomic<Phase> m_phase{Phase::Serving};
    std::unique_ptr<WorkerPool> m_workers;  ///< behind all that they use
    std::optional<QSslConfiguration> m_tls; ///< of wss:// listeners
    std::vector<std::unique_ptr<Listener>> m_listeners;
    QTimer m_drainDelay;
    QTimer m_drainCheck;
    QDeadlineTimer m_drainDeadline;
    std::uint64_t m_toMove = 0; ///< connections, when the moving began
};

} // namespace parlor
