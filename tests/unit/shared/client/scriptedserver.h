// SPDX-License-Identifier: MIT
#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QObject>
#include <QPointer>
#include <QQueue>
#include <QUrl>
#include <QWebSocket>
#include <QWebSocketServer>

/// A server that does what a test tells it: the test reads as a transcript of `expect` and `send`. It greets
/// each client with a `connection` frame and answers pings, unless told otherwise. Talks to the latest client
/// only.
class ScriptedServer : public QObject
{
    Q_OBJECT
public:
    enum class Manners { Greets, SaysNothing };
    explicit ScriptedServer(Manners manners = Manners::Greets);

    [[nodiscard]] QUrl url() const;
    [[nodiscard]] int connections() const { return m_connections; }
    [[nodiscard]] QString lastSubprotocols() const { return m_subprotocols; }
    [[nodiscard]] int pings() const { return m_pings; }
    [[nodiscard]] std::optional<quint16> closeCode() const { return m_closeCode; }
    [[nodiscard]] bool isConnected() const { return m_client && m_client->isValid(); }

    /// Changes the `connection` frame of clients to come.
    void setTerm(const QString &name, const QJsonValue &value) { m_terms.insert(name, value); }
    void answerPings(bool answer) { m_answerPings = answer; }

    /// Waits for the next frame, pings aside. Empty if none comes, or one of another type.
    QJsonObject expect(const QString &type);
    /// Whether a frame, pings aside, has come that nobody expected yet.
    [[nodiscard]] bool hasFrame() const { return !m_frames.isEmpty(); }

    void send(const QJsonObject &frame);
    void sendText(const QString &text) { m_client->sendTextMessage(text); }
    /// Sends `fields` with the request's rid.
    void answer(const QJsonObject &request, QJsonObject fields);
    void close(quint16 code, const QString &reason = {});
    /// Ends the TCP connection without a Close.
    void drop();
    void stopListening() { m_server.close(); }

    // What the protocol calls for at the start, in one step each.
    /// False if the client did not ask.
    bool authenticate(bool resumed = false, const QString &clientId = QStringLiteral("me"));
    bool join(const QString &room, quint64 top = 0);
    void acknowledge(const QJsonObject &message, quint64 seq);

private:
    void onClient();
    void onText(const QString &text);

    QWebSocketServer m_server;
    QPointer<QWebSocket> m_client;
    QQueue<QJsonObject> m_frames;
    QJsonObject m_terms;
    QString m_subprotocols;
    std::optional<quint16> m_closeCode;
    Manners m_manners;
    int m_connections = 0;
    int m_pings = 0;
    bool m_answerPings = true;
};

/// A message frame in `general`.
[[nodiscard]] QJsonObject messageFrame(quint64 seq, const QString &content, const QString &cid = {});
/// The event that deletes the message of messageFrame(target), by Ann.
[[nodiscard]] QJsonObject deletedFrame(quint64 seq, quint64 target);
/// What is left of messageFrame(seq) in a page, once deletedFrame(by, seq) has come.
[[nodiscard]] QJsonObject tombstoneFrame(quint64 seq, quint64 by);
/// A sync of `general`.
[[nodiscard]] QJsonObject syncFrame(quint64 top, const QJsonArray &events, bool recovered,
                                    const QString &reason = {}, bool more = false);
