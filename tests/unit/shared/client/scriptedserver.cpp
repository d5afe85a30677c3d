// SPDX-License-Identifier: MIT
#include "scriptedserver.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace Qt::StringLiterals;

ScriptedServer::ScriptedServer(Manners manners)
    : m_server(u"test"_s, QWebSocketServer::NonSecureMode)
    , m_manners(manners)
{
    m_terms = {
        {u"ping_ms"_s, 25000},
        {u"limits"_s,
         QJsonObject{
             {u"frame"_s, 65536}, {u"content"_s, 4000}, {u"rooms"_s, 32}, {u"rate"_s, 0}, {u"burst"_s, 0}}},
        {u"server_time"_s, 1700000000000.0}};
    m_server.setSupportedSubprotocols({u"parlor.v2"_s});
    if (!m_server.listen(QHostAddress::LocalHost))
        qFatal("cannot listen");
    connect(&m_server, &QWebSocketServer::newConnection, this, &ScriptedServer::onClient);
}

QUrl ScriptedServer::url() const
{
    return QUrl(u"ws://127.0.0.1:%1/ws"_s.arg(m_server.serverPort()));
}

void ScriptedServer::onClient()
{
    while (QWebSocket *client = m_server.nextPendingConnection()) {
        ++m_connections;
        client->setParent(this);
        m_client = client;
        m_frames.clear();
        m_closeCode.reset();
        m_subprotocols = QString::fromLatin1(client->request().rawHeader("Sec-WebSocket-Protocol"));
        connect(client, &QWebSocket::textMessageReceived, this, [this, client](const QString &text) {
            if (client == m_client)
                onText(text);
        });
        connect(client, &QWebSocket::disconnected, this, [this, client] {
            if (client == m_client)
                m_closeCode = static_cast<quint16>(client->closeCode()); // past QWebSocket's enum, too
            client->deleteLater();
        });
        if (m_manners == Manners::SaysNothing)
            continue;
        QJsonObject greeting{{u"type"_s, u"connection"_s},
                             {u"status"_s, u"connected"_s},
                             {u"client_id"_s, u"provisional"_s},
                             {u"hostname"_s, u"host1"_s},
                             {u"protocol"_s, u"parlor.v2"_s}};
        for (auto it = m_terms.constBegin(); it != m_terms.constEnd(); ++it)
            greeting.insert(it.key(), it.value());
        send(greeting);
    }
}

void ScriptedServer::onText(const QString &text)
{
    const QJsonObject frame = QJsonDocument::fromJson(text.toUtf8()).object();
    if (frame.value(u"type"_s) == u"ping"_s) {
        ++m_pings;
        if (m_answerPings)
            answer(
                frame,
                {{u"type"_s, u"pong"_s}, {u"t"_s, frame.value(u"t"_s)}, {u"server_time"_s, 1700000000000.0}});
        return;
    }
    m_frames.enqueue(frame);
}

QJsonObject ScriptedServer::expect(const QString &type)
{
    if (!QTest::qWaitFor([this] { return !m_frames.isEmpty(); }, 5000)) {
        qWarning("no frame came; expected: %s", qUtf8Printable(type));
        return {};
    }
    const QJsonObject frame = m_frames.dequeue();
    if (frame.value(u"type"_s) != type) {
        qWarning("expected %s, got: %s", qUtf8Printable(type),
                 QJsonDocument(frame).toJson(QJsonDocument::Compact).constData());
        return {};
    }
    return frame;
}

void ScriptedServer::send(const QJsonObject &frame)
{
    sendText(QString::fromUtf8(QJsonDocument(frame).toJson(QJsonDocument::Compact)));
}

void ScriptedServer::answer(const QJsonObject &request, QJsonObject fields)
{
    if (request.contains(u"rid"_s))
        fields.insert(u"rid"_s, request.value(u"rid"_s));
    send(fields);
}

void ScriptedServer::close(quint16 code, const QString &reason)
{
    m_client->close(static_cast<QWebSocketProtocol::CloseCode>(code), reason);
}

void ScriptedServer::drop()
{
    m_client->abort();
}

bool ScriptedServer::authenticate(bool resumed, const QString &clientId)
{
    const QJsonObject auth = expect(u"auth"_s);
    if (auth.isEmpty())
        return false;
    answer(auth, {{u"type"_s, u"ack"_s},
                  {u"client_id"_s, clientId},
                  {u"user"_s, clientId},
                  {u"username"_s, auth.value(u"username"_s).toString(clientId)},
                  {u"resumed"_s, resumed},
                  {u"resume"_s, QString(u"token-of-"_s + clientId)},
                  {u"resume_ttl_ms"_s, 1000000}});
    return true;
}

bool ScriptedServer::join(const QString &room, quint64 top)
{
    const QJsonObject join = expect(u"join"_s);
    if (join.value(u"room"_s) != room)
        return false;
    answer(join, {{u"type"_s, u"ack"_s}, {u"room"_s, room}});
    send({{u"type"_s, u"room_users"_s},
          {u"room"_s, room},
          {u"members"_s,
           QJsonArray{QJsonObject{{u"id"_s, u"me"_s}, {u"user"_s, u"me"_s}, {u"username"_s, u"Me"_s}}}},
          {u"count"_s, 1},
          {u"truncated"_s, false}});
    QJsonObject sync = syncFrame(top, {}, join.contains(u"since"_s));
    sync.insert(u"room"_s, room);
    send(sync);
    return true;
}

void ScriptedServer::acknowledge(const QJsonObject &message, quint64 seq)
{
    answer(message, {{u"type"_s, u"ack"_s},
                     {u"room"_s, message.value(u"room"_s)},
                     {u"id"_s, u"id%1"_s.arg(seq)},
                     {u"seq"_s, static_cast<qint64>(seq)},
                     {u"timestamp"_s, u"2026-01-31T12:00:00.000Z"_s},
                     {u"cid"_s, message.value(u"cid"_s)},
                     {u"dup"_s, false},
                     {u"durable"_s, true}});
}

QJsonObject messageFrame(quint64 seq, const QString &content, const QString &cid)
{
    QJsonObject frame{{u"type"_s, u"message"_s},
                      {u"room"_s, u"general"_s},
                      {u"seq"_s, static_cast<qint64>(seq)},
                      {u"id"_s, u"id%1"_s.arg(seq)},
                      {u"sender"_s, u"other"_s},
                      {u"user"_s, u"other"_s},
                      {u"username"_s, u"Other"_s},
                      {u"content"_s, content},
                      {u"timestamp"_s, u"2026-01-31T12:00:00.000Z"_s}};
    if (!cid.isEmpty())
        frame.insert(u"cid"_s, cid);
    return frame;
}

QJsonObject deletedFrame(quint64 seq, quint64 target)
{
    return {
        {u"type"_s, u"deleted"_s},
        {u"room"_s, u"general"_s},
        {u"seq"_s, static_cast<qint64>(seq)},
        {u"id"_s, u"id%1"_s.arg(seq)},
        {u"target"_s, QJsonObject{{u"seq"_s, static_cast<qint64>(target)}, {u"id"_s, u"id%1"_s.arg(target)}}},
        {u"user"_s, u"ann"_s},
        {u"username"_s, u"Ann"_s},
        {u"timestamp"_s, u"2026-01-31T12:30:00.000Z"_s}};
}

QJsonObject tombstoneFrame(quint64 seq, quint64 by)
{
    QJsonObject event = deletedFrame(by, seq);
    for (const QString &field : {u"type"_s, u"room"_s, u"target"_s})
        event.remove(field);
    QJsonObject tombstone = messageFrame(seq, {});
    tombstone.insert(u"deleted"_s, event);
    return tombstone;
}

QJsonObject syncFrame(quint64 top, const QJsonArray &events, bool recovered, const QString &reason, bool more)
{
    QJsonObject frame{{u"type"_s, u"sync"_s},
                      {u"room"_s, u"general"_s},
                      {u"epoch"_s, u"e1"_s},
                      {u"seq"_s, static_cast<qint64>(top)},
                      {u"recovered"_s, recovered},
                      {u"events"_s, events},
                      {u"more"_s, more}};
    if (!reason.isEmpty())
        frame.insert(u"reason"_s, reason);
    const QJsonObject last = events.last().toObject();
    const bool isTop = last.value(u"seq"_s).toInteger() == static_cast<qint64>(top);
    if (top > 0)
        frame.insert(u"id"_s, isTop ? last.value(u"id"_s) : messageFrame(top, {}).value(u"id"_s));
    return frame;
}
