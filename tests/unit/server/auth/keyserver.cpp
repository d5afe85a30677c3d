// SPDX-License-Identifier: MIT
#include "tests/unit/server/auth/keyserver.h"

#include <QTcpSocket>

namespace parlor::test {

KeyServer::KeyServer()
{
    if (!m_server.listen(QHostAddress::LocalHost))
        qFatal("cannot listen");
    connect(&m_server, &QTcpServer::newConnection, this, &KeyServer::onConnection);
}

QByteArray KeyServer::ok(const QByteArray &body)
{
    return "HTTP/1.1 200 OK\r\nContent-Length: " + QByteArray::number(body.size()) +
           "\r\nConnection: close\r\n\r\n" + body;
}

QUrl KeyServer::url(const char *path) const
{
    return QUrl(
        QStringLiteral("http://127.0.0.1:%1%2").arg(m_server.serverPort()).arg(QString::fromLatin1(path)));
}

void KeyServer::onConnection()
{
    while (QTcpSocket *socket = m_server.nextPendingConnection()) {
        connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
        connect(socket, &QTcpSocket::readyRead, this, [this, socket] {
            const QByteArray head = socket->peek(8192);
            if (!head.contains("\r\n\r\n"))
                return;
            socket->readAll();
            paths.append(QString::fromLatin1(head.split(' ').value(1)));
            socket->write(answer);
            if (end == End::Closes)
                socket->disconnectFromHost();
        });
    }
}

} // namespace parlor::test
