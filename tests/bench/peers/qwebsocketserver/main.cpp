// SPDX-License-Identifier: MIT
// QWebSocketServer and QWebSocket as Qt's examples use them. The first message of a client names its room and
// comes back; every other goes to all of that room.
#include <QCoreApplication>
#include <QHash>
#include <QSet>
#include <QWebSocket>
#include <QWebSocketServer>

#include <cstdio>

namespace {

class Rooms : public QObject
{
public:
    explicit Rooms(QWebSocketServer &server)
        : m_server(server)
    {
        connect(&server, &QWebSocketServer::newConnection, this, &Rooms::accept);
    }

private:
    void accept()
    {
        while (QWebSocket *client = m_server.nextPendingConnection()) {
            client->setParent(this);
            connect(client, &QWebSocket::textMessageReceived, this,
                    [this, client](const QString &message) { take(*client, message); });
            connect(client, &QWebSocket::disconnected, this, [this, client] {
                m_members[m_roomOf.take(client)].remove(client);
                client->deleteLater();
            });
        }
    }

    void take(QWebSocket &client, const QString &message)
    {
        const auto room = m_roomOf.constFind(&client);
        if (room == m_roomOf.constEnd()) {
            m_roomOf.insert(&client, message);
            m_members[message].insert(&client);
            client.sendTextMessage(message);
            return;
        }
        for (QWebSocket *member : std::as_const(m_members[*room]))
            member->sendTextMessage(message);
    }

    QWebSocketServer &m_server;
    QHash<QWebSocket *, QString> m_roomOf;
    QHash<QString, QSet<QWebSocket *>> m_members;
};

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    QWebSocketServer server(QStringLiteral("bench"), QWebSocketServer::NonSecureMode);
    server.setMaxPendingConnections(4096);
    const Rooms rooms(server);
    if (!server.listen(QHostAddress::LocalHost)) {
        std::fprintf(stderr, "cannot listen: %s\n", qPrintable(server.errorString()));
        return 1;
    }
    std::fprintf(stderr, "listening on 127.0.0.1:%u\n", unsigned{server.serverPort()});
    return QCoreApplication::exec();
}
