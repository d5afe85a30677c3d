// SPDX-License-Identifier: MIT
#pragma once

#include <QList>
#include <QTcpServer>

#include <cstdint>

namespace parlor::test {

/// A load balancer for TCP: connections go to its servers in turn. It lives in the test's event loop.
class RoundRobin
{
public:
    explicit RoundRobin(const QList<std::uint16_t> &servers);

    [[nodiscard]] std::uint16_t port() const { return m_listener.serverPort(); }
    /// Connections from now on go to these.
    void setServers(const QList<std::uint16_t> &servers) { m_servers = servers; }

private:
    void accept();

    QTcpServer m_listener;
    QList<std::uint16_t> m_servers;
    qsizetype m_next = 0;
};

} // namespace parlor::test
