// SPDX-License-Identifier: MIT
#include "proxy.h"

#include <QTcpSocket>

namespace parlor::test {

Proxy::Proxy(std::uint16_t target)
    : m_target(target)
{
    connect(this, &QTcpServer::newConnection, this, [this] { join(nextPendingConnection()); });
    if (!listen(QHostAddress::LocalHost))
        qFatal("cannot listen");
}

void Proxy::restart(std::uint16_t target)
{
    m_target = target;
    m_held.reset();
    for (QTcpSocket *each : findChildren<QTcpSocket *>())
        each->abort();
}

void Proxy::join(QTcpSocket *client)
{
    auto *server = new QTcpSocket(this);
    server->connectToHost(QHostAddress::LocalHost, m_target);
    connect(client, &QTcpSocket::readyRead, server, [=, this] { pass(client, server, Direction::ToServer); });
    connect(server, &QTcpSocket::readyRead, client, [=, this] { pass(server, client, Direction::ToClient); });
    connect(client, &QTcpSocket::disconnected, server, &QTcpSocket::disconnectFromHost);
    connect(server, &QTcpSocket::disconnected, client, &QTcpSocket::disconnectFromHost);
    connect(server, &QTcpSocket::errorOccurred, client, &QTcpSocket::disconnectFromHost);
}

void Proxy::pass(QTcpSocket *from, QTcpSocket *to, Direction direction)
{
    const QByteArray bytes = from->readAll();
    if (m_held == direction)
        m_heldBytes += bytes.size();
    else
        to->write(bytes);
}

} // namespace parlor::test
