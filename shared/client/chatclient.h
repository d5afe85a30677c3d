// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"
#include "shared/client/clientoptions.h"
#include "shared/client/connection.h"
#include "shared/client/directory.h"
#include "shared/client/heartbeat.h"
#include "shared/client/moderation.h"
#include "shared/client/outboxsender.h"
#include "shared/client/ratepacer.h"
#include "shared/client/requests.h"
#include "shared/client/retrywait.h"
#include "shared/client/roombook.h"
#include "shared/client/tokensource.h"
#include "shared/protocol/decoder.h"

#include <QObject>

#include <memory>

namespace parlor {

/// Who we want to be. Empty text: not given.
struct Credentials
{
    QString username;
    std::shared_ptr<TokenSource> token; ///< null: we have none
    QString resumeToken;                ///< of an earlier session, to go on with it
    /// SessionInfo::person() of those whose outbox and positions the client has. If the server says that we
    /// are somebody else nothing of theirs is sent, and the connection ends.
    QString person{};
};

/// A person's presence on one chat server, across any number of connections. It authenticates, resumes,
/// rejoins and resends by itself; its parts say what happens in the rooms and with what was written.
/// Single-threaded.
class ChatClient : public QObject
{
    Q_OBJECT
public:
    /// The outbox must outlive the client.
    ChatClient(const ClientOptions &options, Outbox &outbox, QObject *parent = nullptr);
    ~ChatClient() override;

    /// Leaves the present server and its session, if there is one, and connects to this one.
    void connectToServer(const QUrl &url, const Credentials &credentials,
                         const std::optional<QSslConfiguration> &tls = std::nullopt);
    /// Close 1000: the server takes us off its lists at once.
    void disconnectFromServer() { m_connection.close(); }
    /// The same, but does not wait for the Close to leave: what was in flight is unconfirmed when it returns,
    /// so that it can be discarded before another server is opened.
    void leaveServer() { m_connection.leave(); }
    /// A token that was refused is tried again.
    void reconnectNow() { m_connection.reconnectNow(); }
    /// Asks the server for another name. Without a connection the name is ours at once, and the next
    /// connection tells the server.
    void changeName(const QString &username);
    void ping() { m_heartbeat.pingNow(); }
    /// Sends a frame as it is.
    void sendRaw(const QString &json) { write(json.toStdString()); }

    [[nodiscard]] RoomBook &rooms() { return m_rooms; }
    [[nodiscard]] OutboxSender &outgoing() { return m_outgoing; }
    [[nodiscard]] Directory &directory() { return m_directory; }
    [[nodiscard]] Moderation &moderation() { return m_moderation; }

    [[nodiscard]] const ConnectionState &state() const { return m_connection.state(); }
    [[nodiscard]] bool isReady() const { return std::holds_alternative<state::Ready>(state()); }
    [[nodiscard]] const QUrl &url() const { return m_connection.url(); }
    /// The latest session; empty before the first.
    [[nodiscard]] const SessionInfo &session() const { return m_session; }
    [[nodiscard]] const ServerInfo &server() const { return m_server; }
    /// As the latest connection's server says.
    [[nodiscard]] ClusterState cluster() const { return m_cluster; }

Q_SIGNALS:
    void stateChanged(const parlor::ConnectionState &state);
    /// Emitted at each end of a connection and after each failed attempt, before the state changes.
    void connectionEnded(const parlor::CloseInfo &info);
    void sessionStarted(const parlor::SessionInfo &session);
    /// The token is of somebody else than Credentials::person, and the connection ends. A slot may use the
    /// account of this one (see Recorder::open), and connect anew.
    void anotherPersonSignedIn(const parlor::SessionInfo &session);
    /// Another token was accepted: our role may be another one.
    void roleChanged(parlor::SessionRole role);
    /// No token to renew the session with could be had, or the server refused it; `text` says why. It is
    /// tried again by itself, until the session ends.
    void renewalFailed(const QString &text);
    void moderated(const parlor::ModerationNotice &notice);
    /// The token with which the session can be resumed: to be kept if the session should outlive the process.
    void resumeTokenChanged(const QString &token);
    void nameChanged(const QString &username);
    void roundTripMeasured(std::chrono::milliseconds roundTrip);
    /// A request was refused that no other signal tells of. `what` names it for people; empty for a raw
    /// frame.
    void requestRefused(const QString &what, const parlor::Refusal &refusal);
    /// The server will close soon and wants us back after `delay`.
    void reconnectAnnounced(const QString &reason, std::chrono::milliseconds delay);
    void clusterStateChanged(parlor::ClusterState cluster);
    /// Emitted for every text frame before it has an effect. If a slot ends the connection it has none.
    void frameReceived(const QByteArray &utf8);

private:
    void write(const std::string &json);
    void onText(const QByteArray &utf8);
    void onEnded(const CloseInfo &info);
    void dispatch(const frame::Any &any);
    void greet(const frame::Connection &connection);
    void authenticate();
    void authenticated(const frame::AuthAck &ack);
    void signInRefused(const Refusal &refusal);
    /// The token has expired while we signed in: perhaps there is another one by now.
    void readTokenAgain(const Refusal &refusal);
    void renewToken();
    void renewed(const frame::AuthAck &ack);
    /// Before the token expires.
    void scheduleRenewal(std::optional<std::chrono::milliseconds> expires);
    void keepResumeToken(const QString &token);
    void setCluster(ClusterState cluster);

    ClientOptions m_options;
    Decoder m_decoder;
    Connection m_connection;
    RatePacer m_pacer;
    Requests m_requests;
    Heartbeat m_heartbeat;
    RoomBook m_rooms;
    OutboxSender m_outgoing;
    Directory m_directory;
    Moderation m_moderation;
    RetryWait m_signInWait;
    Credentials m_credentials;
    SessionInfo m_session;
    ServerInfo m_server;
    QString
        m_shownRenewal; ///< the token that the server has judged, or judges; empty: none but the session's
    std::optional<std::chrono::milliseconds>
        m_expires; ///< of the session's token, since 1970 by the server's clock
    QTimer m_renewal;
    std::chrono::milliseconds m_serverAhead{}; ///< its clock, of ours
    ClusterState m_cluster = ClusterState::Whole;
    quint64 m_attempts = 0; ///< tells a timer of an earlier connection from one of this
    bool m_greeted = false;
    bool m_readAgain = false; ///< the token, on this connection
};

} // namespace parlor
