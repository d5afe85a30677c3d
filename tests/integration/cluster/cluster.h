// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/redisprocess.h"
#include "tests/support/serverprocess.h"

#include <QProcess>

#include <array>
#include <memory>

namespace parlor::test {

/// Redis with its file, three servers, and HAProxy, which deals connections to them in turn.
class Cluster
{
public:
    static constexpr std::size_t kServers = 3;

    /// `arguments`: of each server.
    explicit Cluster(QStringList arguments = {});
    ~Cluster();
    Cluster(const Cluster &) = delete;
    Cluster &operator=(const Cluster &) = delete;

    [[nodiscard]] static bool isInstalled();
    /// Waits until HAProxy has all servers.
    [[nodiscard]] Problem start();
    /// A server that ended; it listens where it did before.
    [[nodiscard]] Problem startServer(std::size_t which);

    [[nodiscard]] std::uint16_t port() const { return m_port; } ///< HAProxy's
    [[nodiscard]] ServerProcess &server(std::size_t which) { return *m_servers[which]; }
    [[nodiscard]] RedisProcess &redis() { return m_redis; }
    /// What its stats socket answers.
    [[nodiscard]] QString askBalancer(const QString &command) const;
    /// The most connections that clients made within a second, since the last call.
    [[nodiscard]] int takePeakOfConnections() const;
    /// How many servers HAProxy takes for well.
    [[nodiscard]] qsizetype serversUp() const;
    /// How often Redis ran a command, of clients and scripts.
    [[nodiscard]] qint64 calls(const QString &command) const;

private:
    QStringList m_arguments;
    QTemporaryDir m_folder;
    RedisProcess m_redis{{QStringLiteral("--appendonly"), QStringLiteral("yes")}};
    std::array<quint16, kServers> m_ports{};
    std::array<std::unique_ptr<ServerProcess>, kServers> m_servers;
    quint16 m_port = 0;
    QProcess m_balancer;
};

} // namespace parlor::test
