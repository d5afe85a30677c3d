// SPDX-License-Identifier: MIT
#include "connectproxy.h"

#include <QTcpSocket>

ConnectProxy::ConnectProxy(const QByteArray &answer)
{
    connect(this, &QTcpServer::newConnection, this, [this, answer] {
        QTcpSocket *client = nextPendingConnection();
        connect(client, &QTcpSocket::readyRead, this, [this, client, answer] {
            if (!client->peek(8).startsWith("CONNECT ") || !client->peek(4096).contains("\r\n\r\n"))
                return;
            const QByteArray head = client->readAll();
            m_requests.append(head);
            client->disconnect(this);
            const QByteArray target = head.split(' ').value(1);
            if (answer.isEmpty()) {
                join(client, target.mid(target.lastIndexOf(':') + 1).toUShort());
                return;
            }
            client->write(answer);
            client->disconnectFromHost();
        });
    });
    if (!listen(QHostAddress::LocalHost))
        qFatal("cannot listen");
}

void ConnectProxy::join(QTcpSocket *client, quint16 port)
{
    auto *server = new QTcpSocket(client);
    connect(server, &QTcpSocket::connected, client,
            [client] { client->write("HTTP/1.1 200 Connection established\r\n\r\n"); });
    connect(server, &QTcpSocket::readyRead, client, [=] { client->write(server->readAll()); });
    connect(client, &QTcpSocket::readyRead, server, [=] { server->write(client->readAll()); });
    connect(server, &QTcpSocket::disconnected, client, &QTcpSocket::disconnectFromHost);
    connect(client, &QTcpSocket::disconnected, server, &QTcpSocket::disconnectFromHost);
    server->connectToHost(QHostAddress::LocalHost, port);
}
