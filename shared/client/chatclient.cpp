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
    , m_moderation(m_requests)
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
    m_renewal.setSingleShot(true);
    connect(&m_renewal, &QTimer::timeout, this, &ChatClient::renewToken);
}

ChatClient::~ChatClient() = default;

void ChatClient::connectToServer(const QUrl &url, const Credentials &credentials,
                                 const std::optional<QSslConfiguration> &tls)
{
    m_connection.leave(); // while what its slots read are still the old credentials
    m_credentials = credentials;
    m_connection.open(url, tls, credentials.token);
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
    m_readAgain = false;
    m_renewal.stop();
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
            else if constexpr (std::is_same_v<Frame, frame::Moderated>)
                Q_EMIT moderated(fromwire::notice(value));
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
    m_server = ServerInfo{fromwire::text(connection.hostname), connection.terms->ping,
                          connection.terms->limits, connection.terms->needsToken};
    m_serverAhead = connection.terms->serverTime - m_options.clock.wall();
    m_pacer.setTerms(m_server.limits.rate, m_server.limits.burst);
    if (m_server.needsToken && m_connection.token().isEmpty()) {
        m_connection.stop({0,
                           {},
                           tr("%1 lets nobody in without a token; ask its operator for one")
                               .arg(displayHost(m_connection.url())),
                           0,
                           SignInProblem::TokenNeeded});
        return;
    }
    authenticate();
}

void ChatClient::authenticate()
{
    const std::string token = m_connection.token().toStdString();
    const std::string username = m_credentials.username.toStdString();
    const std::string resume = m_credentials.resumeToken.toStdString();
    const auto given = [](const std::string &text) {
        return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
    };
    m_requests.send(request::Auth{given(token), given(username), given(resume)},
                    [this](const frame::Any *any) {
                        if (const auto *ack = std::get_if<frame::Ack>(any)) {
                            if (const auto *auth = std::get_if<frame::AuthAck>(&ack->body))
                                authenticated(*auth);
                        } else if (const auto *error = std::get_if<frame::Error>(any)) {
                            signInRefused(fromwire::refusal(*error));
                        }
                    });
}

void ChatClient::signInRefused(const Refusal &refusal)
{
    if (fromwire::isWorthRepeating(refusal)) {
        QTimer::singleShot(m_signInWait.after(refusal), this, [this, attempt = m_attempts] {
            if (attempt == m_attempts)
                authenticate();
        });
    } else if (fromwire::isTokenExpired(refusal) && !std::exchange(m_readAgain, true)) {
        readTokenAgain(refusal);
    } else if (fromwire::isTokenRefused(refusal) && !m_connection.token().isEmpty()) {
        m_connection.refuseToken(
            {0, refusal.code,
             tr("%1 refused the token: %2").arg(displayHost(m_connection.url()), refusal.text), 0,
             SignInProblem::TokenRefused});
    } else {
        m_connection.stop(
            {0, refusal.code,
             tr("%1 refused to let us in: %2").arg(displayHost(m_connection.url()), refusal.text)});
    }
}

void ChatClient::readTokenAgain(const Refusal &refusal)
{
    const QString before = m_connection.token();
    m_connection.readToken([this, refusal, before](const Result<QString> &token) {
        if (token && *token != before)
            authenticate();
        else
            signInRefused(refusal);
    });
}

void ChatClient::authenticated(const frame::AuthAck &ack)
{
    SessionInfo session{fromwire::text(ack.clientId), fromwire::text(ack.user), fromwire::text(ack.username),
                        ack.resumed, fromwire::role(ack.role)};
    if (!m_credentials.person.isEmpty() && session.person() != m_credentials.person) {
        m_connection.stop(
            {0,
             {},
             tr("%1 knows us as %2 now, and what is kept here is somebody else's; nothing of it "
                "was sent")
                 .arg(displayHost(m_connection.url()), session.username),
             0,
             SignInProblem::AnotherPerson});
        Q_EMIT anotherPersonSignedIn(session);
        return;
    }
    m_credentials.person = session.person();
    m_connection.tokenAccepted(m_connection.token());
    m_shownRenewal.clear();
    const auto expires = ack.expires;
    m_session = session;
    m_signInWait.reset();
    m_requests.open();
    m_outgoing.sessionStarted(session.clientId, m_server.limits.frame);
    keepResumeToken(fromwire::text(ack.resume));
    m_rooms.sessionStarted();
    m_heartbeat.start(m_server.ping);
    scheduleRenewal(expires);
    m_connection.established();
    Q_EMIT sessionStarted(session);
}

void ChatClient::scheduleRenewal(std::optional<std::chrono::milliseconds> expires)
{
    m_renewal.stop();
    m_expires = expires;
    if (!expires || !m_credentials.token)
        return;
    const auto left = *expires - m_serverAhead - m_options.clock.wall();
    // A token that lives hardly longer than that is renewed half-way.
    m_renewal.start(std::clamp(std::max(left - m_options.renewBefore, left / 2), m_options.renewAgainAfter,
                               std::chrono::milliseconds(std::chrono::hours(24))));
}

void ChatClient::renewToken()
{
    m_connection.readToken([this](const Result<QString> &token) {
        m_renewal.start(m_options.renewAgainAfter); // unless this works
        if (!token)
            Q_EMIT renewalFailed(fromwire::text(token.error().text));
        if (!token || token->isEmpty() || *token == m_shownRenewal)
            return;
        if (*token == m_connection.acceptedToken()) {
            const auto left = *m_expires - m_serverAhead - m_options.clock.wall();
            if (left > 2 * m_options.renewBefore) // it lives longer than a timer runs
                scheduleRenewal(m_expires);
            else if (left <= m_options.renewBefore / 2) // until then somebody may be about to bring one
                Q_EMIT renewalFailed(tr("there is no newer token yet"));
            return;
        }
        m_shownRenewal = *token;
        const std::string next = token->toStdString();
        m_requests.send(request::Auth{next}, [this, shown = *token](const frame::Any *any) {
            if (const auto *ack = std::get_if<frame::Ack>(any)) {
                if (const auto *auth = std::get_if<frame::AuthAck>(&ack->body)) {
                    m_connection.tokenAccepted(shown);
                    renewed(*auth);
                }
            } else if (const auto *error = std::get_if<frame::Error>(any)) {
                const Refusal refusal = fromwire::refusal(*error);
                if (fromwire::isWorthRepeating(refusal))
                    m_shownRenewal.clear();
                Q_EMIT renewalFailed(refusal.text);
            }
        });
    });
}

void ChatClient::renewed(const frame::AuthAck &ack)
{
    const SessionRole role = fromwire::role(ack.role);
    keepResumeToken(fromwire::text(ack.resume));
    scheduleRenewal(ack.expires);
    if (std::exchange(m_session.role, role) != role)
        Q_EMIT roleChanged(role);
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
