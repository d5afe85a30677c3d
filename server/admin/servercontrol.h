// SPDX-License-Identifier: MIT
#pragma once

#include "server/http/endpoints.h"
#include "server/ops/options.h"
#include "shared/protocol/result.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace parlor::admin {

/// What the admin API asks of the server as a whole. Implemented by Server. Main thread.
class ServerControl
{
public:
    virtual ~ServerControl() = default;

    struct Status
    {
        StatusSource::Readiness readiness = StatusSource::Readiness::Starting;
        std::chrono::seconds startTime{}; ///< since 1970
        std::string hostname;
        std::string chat;  ///< empty while it starts
        std::string store; ///< memory, sqlite, redis
        std::uint64_t connections = 0;
        std::uint64_t mostConnections = 0;     ///< 0: no limit
        std::vector<std::uint64_t> byWorker{}; ///< connections of each worker
        std::uint64_t rooms = 0;               ///< in memory
        std::uint64_t historyBytes = 0;        ///< in memory
    };
    [[nodiscard]] virtual Status status() const = 0;
    /// What is in force.
    [[nodiscard]] virtual const Options &options() const = 0;

    /// As SIGTERM: further calls end what is under way.
    virtual void drain() = 0;
    /// Asks this part (0 to 1) of the v2 clients to connect anew, and sends them away within that time.
    virtual void rebalance(double fraction, std::chrono::milliseconds within) = 0;
    /// As SIGHUP: what differs, a line each. The error is for people: nothing has changed.
    virtual Result<std::vector<std::string>> reload() = 0;
    /// What that would say; nothing changes.
    [[nodiscard]] virtual Result<std::vector<std::string>> tryReload() const = 0;
};

} // namespace parlor::admin
