// SPDX-License-Identifier: MIT
#include "tests/support/httpexchange.h"

#include <QJsonDocument>

namespace parlor::test {

namespace {

constexpr qsizetype kLargestReply = 4 << 20;

} // namespace

QByteArray HttpReply::field(const QByteArray &name) const
{
    const auto lines = head.split('\n');
    for (const QByteArray &line : lines) {
        const qsizetype colon = line.indexOf(':');
        if (colon > 0 && line.first(colon).compare(name, Qt::CaseInsensitive) == 0)
            return line.sliced(colon + 1).trimmed();
    }
    return {};
}

QJsonObject HttpReply::json() const
{
    return QJsonDocument::fromJson(body).object();
}

Problem HttpReply::check() const
{
    if (status == 0)
        return QStringLiteral("no answer came: ") % QString::fromUtf8(head.left(200));
    if (end != RawSocket::End::Eof)
        return QStringLiteral("the connection did not end in order after the answer");
    const QByteArray connection = field("Connection").toLower();
    if (!connection.contains("close"))
        return QStringLiteral("Connection says: ") % QString::fromUtf8(connection);
    const QByteArray length = field("Content-Length");
    const bool isOfHead = body.isEmpty(); // an answer to HEAD states what GET would bring
    if (status != 204 && length.isEmpty())
        return QStringLiteral("no Content-Length");
    if (!isOfHead && length.toLongLong() != body.size())
        return QStringLiteral("Content-Length %1, but %2 bytes came")
            .arg(length.toLongLong())
            .arg(body.size());
    return {};
}

HttpReply readReply(RawSocket &socket)
{
    HttpReply reply;
    const QByteArray all = socket.receiveAll(kLargestReply);
    reply.end = socket.end();
    const qsizetype split = all.indexOf("\r\n\r\n");
    reply.head = split < 0 ? all : all.first(split + 4);
    reply.body = split < 0 ? QByteArray() : all.sliced(split + 4);
    if (split >= 0 && (all.startsWith("HTTP/1.1 ") || all.startsWith("HTTP/1.0 ")))
        reply.status = all.sliced(9, 3).toInt();
    return reply;
}

HttpReply exchange(std::uint16_t port, const QByteArray &request, qsizetype chop)
{
    RawSocket socket;
    if (!socket.connectTo(port))
        return {.head = "cannot connect"};
    // The server may answer before it has read everything, so a failure to send shows in the answer.
    if (chop > 0)
        (void)socket.sendChopped(request, chop);
    else
        (void)socket.send(request);
    return readReply(socket);
}

QByteArray getRequest(const QByteArray &path, const QByteArray &fields)
{
    return "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + fields + "\r\n";
}

} // namespace parlor::test
