// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/problem.h"

#include <QList>
#include <QProcess>
#include <QTcpServer>
#include <QTemporaryDir>

#include <cstdint>

namespace parlor::test {

/// HAProxy before some servers, as AWS' load balancer would be: one port for each way to choose. Killed with
/// this object at the latest.
class LoadBalancer
{
public:
    enum class Way : std::uint8_t {
        RoundRobin,
        Cookie,     ///< it sets AWSALB on every answer, the 101 too
        PageCookie, ///< as AWS does it: only on answers to ordinary requests
        Tls,        ///< Cookie over TLS, with TestCertificate
        Checked,    ///< RoundRobin over those whose /ready is 200, with the servers' own bytes
    };

    LoadBalancer() = default;
    ~LoadBalancer();
    LoadBalancer(const LoadBalancer &) = delete;
    LoadBalancer &operator=(const LoadBalancer &) = delete;

    [[nodiscard]] static bool isInstalled();
    /// Before the servers at these ports; returns when it answers.
    [[nodiscard]] Problem start(const QList<std::uint16_t> &servers);
    /// host:port.
    [[nodiscard]] QString address(Way way) const;
    [[nodiscard]] std::uint16_t port(Way way) const;

private:
    [[nodiscard]] Problem writeIdentity() const;
    [[nodiscard]] Problem writeConfiguration(const QList<std::uint16_t> &servers) const;

    QTemporaryDir m_folder;
    QTcpServer m_listeners[5]; ///< HAProxy gets their descriptors, so that no port can be lost to others
    QProcess m_process;
};

} // namespace parlor::test
