// SPDX-License-Identifier: MIT
#include "client-cli/admin/adminexchange.h"

#include "shared/websocket/responsehead.h"

#include <QDeadlineTimer>
#include <QFile>
#include <QJsonDocument>
#include <QLocalSocket>
#include <QSslSocket>
#include <QUrl>

#include <chrono>

namespace parlor::cli::admin {

namespace {

constexpr std::chrono::seconds kPatience{20}; // the server waits 10 s for what it asks for
constexpr qsizetype kMostBytes = 64LL << 20;
constexpr int kUsualPort = 8001;

Error failure(const QString &text)
{
    return {.text = text.toStdString()};
}

int milliseconds(const QDeadlineTimer &deadline)
{
    return static_cast<int>(deadline.remainingTime());
}

Result<std::unique_ptr<QIODevice>> connectTo(const AdminServer &server, const QDeadlineTimer &deadline)
{
    if (server.kind == AdminServer::Kind::Unix) {
        auto socket = std::make_unique<QLocalSocket>();
        socket->connectToServer(server.host);
        if (!socket->waitForConnected(milliseconds(deadline)))
            return failure(
                QStringLiteral("cannot connect to %1: %2; is it the server's --admin-listen, and may "
                               "you open it?")
                    .arg(server.text(), socket->errorString()));
        return std::unique_ptr<QIODevice>(std::move(socket));
    }
    auto socket = std::make_unique<QSslSocket>();
    socket->setSslConfiguration(server.tls);
    const bool isTls = server.kind == AdminServer::Kind::Tls;
    if (isTls)
        socket->connectToHostEncrypted(server.host, server.port);
    else
        socket->connectToHost(server.host, server.port);
    if (isTls ? !socket->waitForEncrypted(milliseconds(deadline))
              : !socket->waitForConnected(milliseconds(deadline)))
        return failure(QStringLiteral("cannot connect to %1: %2; is it the server's --admin-listen?")
                           .arg(server.text(), socket->errorString()));
    return std::unique_ptr<QIODevice>(std::move(socket));
}

QByteArray requestBytes(const AdminServer &server, const AdminRequest &request)
{
    const QByteArray body =
        request.body.isEmpty() ? QByteArray() : QJsonDocument(request.body).toJson(QJsonDocument::Compact);
    QByteArray bytes = request.method + ' ' + request.target() + " HTTP/1.1\r\nHost: ";
    bytes += server.kind == AdminServer::Kind::Unix
                 ? QByteArray("localhost")
                 : QUrl::toAce(server.host) + ':' + QByteArray::number(server.port);
    bytes += "\r\nConnection: close\r\n";
    if (!server.key.isEmpty())
        bytes += "Authorization: Bearer " + server.key + "\r\n";
    if (!body.isEmpty())
        bytes += "Content-Type: application/json\r\n";
    if (request.method != "GET")
        bytes += "Content-Length: " + QByteArray::number(body.size()) + "\r\n";
    return bytes + "\r\n" + body;
}

} // namespace

Result<AdminServer> AdminServer::parse(const QString &url)
{
    AdminServer server;
    if (url.startsWith(QLatin1String("unix:"))) {
        server.kind = Kind::Unix;
        server.host = url.mid(5);
        if (!server.host.startsWith(QLatin1Char('/')))
            return failure(QStringLiteral("--server %1: write the socket's path from the root").arg(url));
        return server;
    }
    const QUrl parsed(url, QUrl::StrictMode);
    const bool isTls = parsed.scheme() == QLatin1String("https");
    const bool isBare = parsed.path().isEmpty() || parsed.path() == QLatin1String("/");
    if (!parsed.isValid() || parsed.host().isEmpty() || !isBare ||
        (!isTls && parsed.scheme() != QLatin1String("http")))
        return failure(
            QStringLiteral("--server %1: write http://HOST:PORT, https://HOST:PORT or unix:/PATH").arg(url));
    server.kind = isTls ? Kind::Tls : Kind::Plain;
    server.host = parsed.host();
    server.port = static_cast<quint16>(parsed.port(kUsualPort));
    return server;
}

QString AdminServer::text() const
{
    if (kind == Kind::Unix)
        return QLatin1String("unix:") + host;
    return (kind == Kind::Tls ? QLatin1String("https://") : QLatin1String("http://")) + host +
           QLatin1Char(':') + QString::number(port);
}

Result<QByteArray> readAdminKey(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return failure(QStringLiteral("cannot read the key file %1: %2").arg(path, file.errorString()));
    QByteArray key = file.readLine(4096).trimmed();
    key = key.mid(key.indexOf(':') + 1);
    if (key.isEmpty())
        return failure(QStringLiteral("the key file %1 does not begin with a key").arg(path));
    return key;
}

Result<AdminReply> exchange(const AdminServer &server, const AdminRequest &request)
{
    const QDeadlineTimer deadline(kPatience);
    auto socket = connectTo(server, deadline);
    if (!socket)
        return socket.error();
    (*socket)->write(requestBytes(server, request));

    websocket::ResponseReader reader;
    QByteArray body;
    qsizetype wanted = 0;
    while (reader.state() != websocket::ResponseReader::State::Whole || body.size() < wanted) {
        if (!(*socket)->bytesAvailable() && !(*socket)->waitForReadyRead(milliseconds(deadline)))
            return failure(
                QStringLiteral("%1 gave no whole answer: %2").arg(server.text(), (*socket)->errorString()));
        const QByteArray bytes = (*socket)->readAll();
        qsizetype used = 0;
        if (reader.state() == websocket::ResponseReader::State::Waiting) {
            used = static_cast<qsizetype>(
                reader.feed({bytes.constData(), static_cast<std::size_t>(bytes.size())}));
            if (reader.state() == websocket::ResponseReader::State::Refused)
                return failure(QStringLiteral("%1 does not speak HTTP; is it the server's --admin-listen?")
                                   .arg(server.text()));
            if (reader.state() != websocket::ResponseReader::State::Whole)
                continue;
            const auto lengths = reader.head().values("content-length");
            wanted = lengths.empty()
                         ? 0
                         : QByteArray(lengths[0].data(), qsizetype(lengths[0].size())).toLongLong();
            if (wanted > kMostBytes)
                return failure(QStringLiteral("the answer of %1 is larger than 64 MiB").arg(server.text()));
        }
        body += bytes.mid(used);
    }
    AdminReply reply{reader.head().status, QJsonDocument::fromJson(body).object()};
    if (reply.status >= 400 && !reply.json.contains(QLatin1String("code")))
        return failure(QStringLiteral("%1 answered %2, and not as an admin API does; is it the server's "
                                      "--admin-listen?")
                           .arg(server.text())
                           .arg(reply.status));
    return reply;
}

} // namespace parlor::cli::admin
