// SPDX-License-Identifier: MIT
#include "roundrobin.h"

#include <QTcpSocket>

namespace parlor::test {

RoundRobin::RoundRobin(const QList<std::uint16_t> &servers)
    : m_servers(servers)
{
    m_listener.listen(QHostAddress::LocalHost);
    QObject::connect(&m_listener, &QTcpServer::newConnection, &m_listener, [this] { accept(); });
}

void RoundRobin::accept()
{
    while (QTcpSocket *client = m_listener.nextPendingConnection()) {
        auto *server = new QTcpSocket(client);
        const auto pass = [](QTcpSocket *from, QTcpSocket *to) {
            QObject::connect(from, &QTcpSocket::readyRead, to, [from, to] {
                if (to->isOpen())
                    to->write(from->readAll());
            });
            QObject::connect(from, &QTcpSocket::disconnected, to, [from, to] {
                if (from->isOpen() && to->isOpen())
                    to->write(from->readAll());
                to->disconnectFromHost();
            });
        };
        pass(client, server);
        pass(server, client);
        QObject::connect(client, &QTcpSocket::disconnected, client, &QObject::deleteLater);
        QObject::connect(server, &QTcpSocket::errorOccurred, client, &QTcpSocket::abort);
        server->connectToHost(QHostAddress::LocalHost, m_servers[m_next++ % m_servers.size()]);
    }
}

} // namespace parlor::test
