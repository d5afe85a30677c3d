// SPDX-License-Identifier: MIT
#include "shared/client/chatclient.h"

#include "shared/client/fromwire.h"
#include "shared/protocol/values.h"

#include <algorithm>
#include <utility>

namespace parlor {

ChatClient::ChatClient(const ClientOptions &options, Outbox &outbox, QObject *parent)
    : QObject(parent)
    , m_options(options)
    , m_decoder(0)
    , m_connection(options)
    , m_pacer(options.clock)
    , m_requests(m_pacer, [this](const std::string &json) { write(json); })
    , m_heartbeat(m_requests, options)
    , m_rooms(m_requests, options)
    , m_outgoing(outbox, m_rooms, m_requests, m_pacer, options)
    , m_directory(m_requests, m_pacer)
    , m_signInWait(options)
{
    connect(&m_connection, &Connection::stateChanged, this, &ChatClient::stateChanged);
    connect(&m_connection, &Connection::textReceived, this, &ChatClient::onText);
    connect(&m_connection, &Connection::ended, this, &ChatClient::onEnded);
    connect(&m_connection, &Connection::bytesArrived, &m_heartbeat, &Heartbeat::bytesArrived);
    connect(&m_heartbeat, &Heartbeat::roundTripMeasured, this, &ChatClient::roundTripMeasured);
    connect(&m_heartbeat, &Heartbeat::silenceDetected, this, [this](std::chrono::milliseconds silence) {
        m_connection.giveUpLink(tr("%1 has not answered for %2 s")
                                    .arg(displayHost(m_connection.url()))
                                    .arg(std::chrono::duration<double>(silence).count()));
    });
    connect(&m_rooms, &RoomBook::messageReceived, &m_outgoing, &OutboxSender::published);
    connect(&m_rooms, &RoomBook::roomReady, &m_outgoing, &OutboxSender::roomReady);
    connect(&m_rooms, &RoomBook::roomRefused, &m_outgoing, &OutboxSender::roomRefused);
    connect(&m_directory, &Directory::requestRefused, this, &ChatClient::requestRefused);
}

ChatClient::~ChatClient() = default;

void ChatClient::connectToServer(const QUrl &url, const Credentials &credentials,
                                 const std::optional<QSslConfiguration> &tls)
{
    m_connection.leave(); // while what its slots read are still the old credentials
    m_credentials = credentials;
    m_connection.open(url, tls);
}

void ChatClient::changeName(const QString &username)
{
    const std::string name = username.toStdString();
    if (!m_requests.isOpen()) {
        const auto checked = values::username(name);
        if (!checked) {
            Q_EMIT requestRefused(tr("the name"), Refusal{fromwire::text(toString(checked.error().code)),
                                                          fromwire::text(checked.error().text)});
            return;
        }
        m_credentials.username = fromwire::text(*checked);
        if (!m_session.clientId.isEmpty())
            m_session.username = m_credentials.username;
        Q_EMIT nameChanged(m_credentials.username);
        return;
    }
    m_requests.send(request::Nick{name}, [this](const frame::Any *any) {
        if (!any) {
            Q_EMIT requestRefused(tr("the name"), fromwire::connectionLost());
            return;
        }
        if (const auto *error = std::get_if<frame::Error>(any)) {
            Q_EMIT requestRefused(tr("the name"), fromwire::refusal(*error));
            return;
        }
        const auto *ack = std::get_if<frame::Ack>(any);
        const auto *nick = ack ? std::get_if<frame::NickAck>(&ack->body) : nullptr;
        if (!nick)
            return;
        m_credentials.username = fromwire::text(nick->username);
        m_session.username = m_credentials.username;
        keepResumeToken(fromwire::text(nick->resume));
        Q_EMIT nameChanged(m_session.username);
    });
}

void ChatClient::write(const std::string &json)
{
    m_connection.send(json);
    m_heartbeat.frameSent();
}

void ChatClient::onText(const QByteArray &utf8)
{
    const quint64 attempt = m_attempts;
    Q_EMIT frameReceived(utf8);
    if (attempt != m_attempts)
        return; // a slot ended the connection, and what it brought with it
    const auto decoded =
        m_decoder.frame(std::string_view(utf8.constData(), static_cast<std::size_t>(utf8.size())));
    if (decoded) {
        dispatch(*decoded);
    } else if (!m_greeted) {
        m_connection.stop({0,
                           {},
                           tr("%1 is not a chat server of this kind: %2; check the address")
                               .arg(displayHost(m_connection.url()), fromwire::text(decoded.error().text))});
    }
}

void ChatClient::onEnded(const CloseInfo &info)
{
    ++m_attempts;
    m_greeted = false;
    m_heartbeat.stop();
    m_requests.close();
    m_rooms.connectionLost();
    m_outgoing.connectionLost();
    m_directory.connectionLost();
    Q_EMIT connectionEnded(info);
}

void ChatClient::dispatch(const frame::Any &any)
{
    if (m_requests.answer(any))
        return;
    std::visit(
        [this](const auto &value) {
            using Frame = std::decay_t<decltype(value)>;
            if constexpr (requires { m_rooms.handle(value); })
                m_rooms.handle(value);
            else if constexpr (std::is_same_v<Frame, frame::Connection>)
                greet(value);
            else if constexpr (std::is_same_v<Frame, frame::Error>)
                Q_EMIT requestRefused({}, fromwire::refusal(value));
            else if constexpr (std::is_same_v<Frame, frame::ServerState>)
                setCluster(value.cluster == "degraded" ? ClusterState::Degraded
                           : value.cluster == "ok"     ? ClusterState::Whole
                                                       : m_cluster);
            else if constexpr (std::is_same_v<Frame, frame::Reconnect>) {
                const auto delay = std::min(value.delay, Connection::kLongestAdvice);
                m_connection.advise(delay);
                Q_EMIT reconnectAnnounced(fromwire::text(value.reason), delay);
            }
        },
        any);
}

void ChatClient::greet(const frame::Connection &connection)
{
    if (m_greeted)
        return;
    m_greeted = true;
    setCluster(ClusterState::Whole); // until this server says otherwise
    if (!connection.terms) {
        m_connection.stop({0,
                           {},
                           tr("%1 speaks only the first version of the protocol, which has no resume and no "
                              "acknowledgements; use a newer server")
                               .arg(displayHost(m_connection.url()))});
        return;
    }
    m_server =
        ServerInfo{fromwire::text(connection.hostname), connection.terms->ping, connection.terms->limits};
    m_pacer.setTerms(m_server.limits.rate, m_server.limits.burst);
    authenticate();
}

void ChatClient::authenticate()
{
    const std::string token = m_credentials.token.toStdString();
    const std::string username = m_credentials.username.toStdString();
    const std::string resume = m_credentials.resumeToken.toStdString();
    const auto given = [](const std::string &text) {
        return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
    };
    m_requests.send(
        request::Auth{given(token), given(username), given(resume)}, [this](const frame::Any *any) {
            if (const auto *ack = std::get_if<frame::Ack>(any)) {
                if (const auto *auth = std::get_if<frame::AuthAck>(&ack->body))
                    authenticated(*auth);
                return;
            }
            const auto *error = std::get_if<frame::Error>(any);
            if (!error)
                return;
            const Refusal refusal = fromwire::refusal(*error);
            if (!fromwire::isWorthRepeating(refusal)) {
                m_connection.stop(
                    {0, refusal.code,
                     tr("%1 refused to let us in: %2").arg(displayHost(m_connection.url()), refusal.text)});
                return;
            }
            QTimer::singleShot(m_signInWait.after(refusal), this, [this, attempt = m_attempts] {
                if (attempt == m_attempts)
                    authenticate();
            });
        });
}

void ChatClient::authenticated(const frame::AuthAck &ack)
{
    m_session = SessionInfo{fromwire::text(ack.clientId), fromwire::text(ack.user),
                            fromwire::text(ack.username), ack.resumed};
    const SessionInfo session = m_session;
    m_signInWait.reset();
    m_requests.open();
    m_outgoing.sessionStarted(session.clientId, m_server.limits.frame);
    keepResumeToken(fromwire::text(ack.resume));
    m_rooms.sessionStarted();
    m_heartbeat.start(m_server.ping);
    m_connection.established();
    Q_EMIT sessionStarted(session);
}

void ChatClient::setCluster(ClusterState cluster)
{
    if (std::exchange(m_cluster, cluster) == cluster)
        return;
    m_outgoing.setCluster(cluster);
    Q_EMIT clusterStateChanged(cluster);
}

void ChatClient::keepResumeToken(const QString &token)
{
    if (token == m_credentials.resumeToken)
        return;
    m_credentials.resumeToken = token;
    Q_EMIT resumeTokenChanged(token);
}

} // namespace parlor
