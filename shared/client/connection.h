// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/backoff.h"
#include "shared/client/chattypes.h"
#include "shared/client/clientoptions.h"
#include "shared/client/link.h"
#include "shared/client/tokensource.h"

#include <QObject>
#include <QSslConfiguration>
#include <QTimer>
#include <QUrl>

#include <algorithm>
#include <memory>

namespace parlor {

/// Keeps a link to one address: connects, decides after each end whether and when to try again, and knows the
/// state. Each attempt has a Link of its own. Owned by ChatClient, in its thread.
class Connection : public QObject
{
    Q_OBJECT
public:
    explicit Connection(const ClientOptions &options, QObject *parent = nullptr);

    /// Leaves the present link, as leave() does, and connects to this address. The token is read before each
    /// attempt: one that cannot be had is a failed attempt.
    void open(const QUrl &url, const std::optional<QSslConfiguration> &tls,
              const std::shared_ptr<TokenSource> &token = {});
    /// Close 1000; the state becomes Disconnected when it has left.
    void close();
    /// Disconnected at once: a Close 1000 still goes out on the old link, but nobody listens to it any more.
    void leave();
    /// Tries at once, in place of waiting for the end of a delay; also from the state Stopped.
    void reconnectNow();
    void send(const std::string &json);

    /// The session works: the deadline for it no longer runs.
    void established();
    /// The link is no good any more: ends it, and tries again as after code 1006.
    void giveUpLink(const QString &text);
    /// Ends for good; trying again would change nothing.
    void stop(const CloseInfo &why);
    /// The server refused the token. Ends for good, and says the same of any attempt that has no other token,
    /// but for those that the person asks for.
    void refuseToken(const CloseInfo &why);
    /// Reads the token anew. `done` is not called if the link ends first.
    void readToken(const TokenSource::Handler &done);
    /// The delay for this link's next Close of the kind AdvisedDelay, counted from the Close. It can make the
    /// back-off's delay longer, up to a minute, but not shorter.
    void advise(std::chrono::milliseconds delay) { m_advice = std::min(delay, kLongestAdvice); }
    static constexpr std::chrono::milliseconds kLongestAdvice{60'000};

    [[nodiscard]] const ConnectionState &state() const { return m_state; }
    [[nodiscard]] const QUrl &url() const { return m_url; }
    /// The one that was read last; empty: none.
    /// That was read last.
    [[nodiscard]] const QString &token() const { return m_token; }
    /// That the server took last, on this connection; empty: none yet.
    [[nodiscard]] const QString &acceptedToken() const { return m_acceptedToken; }
    void tokenAccepted(const QString &token) { m_acceptedToken = token; }

Q_SIGNALS:
    void stateChanged(const parlor::ConnectionState &state);
    void opened();
    void textReceived(const QByteArray &utf8);
    void bytesArrived();
    /// Emitted before the state changes.
    void ended(const parlor::CloseInfo &info);

private:
    void attempt();
    void onEnded(const LinkEnd &end);
    [[nodiscard]] bool tokenWasRefused(const CloseInfo &info) const;
    [[nodiscard]] std::optional<std::chrono::milliseconds> delayAfter(const LinkEnd &end);
    void dropLink();
    /// Close 1000, and the end is told; the link lives on by itself until its Close has left.
    void letLinkGo();
    void setState(ConnectionState state);

    ClientOptions m_options;
    Backoff m_backoff;
    QUrl m_url;
    std::optional<QSslConfiguration> m_tls;
    std::shared_ptr<TokenSource> m_tokenSource; ///< null: there is none
    QString m_token;
    QString m_acceptedToken;
    QString m_refusedToken; ///< empty: none was
    CloseInfo m_refusal;    ///< of it
    Link *m_link = nullptr; ///< our child
    ConnectionState m_state;
    std::optional<std::chrono::milliseconds> m_advice;
    std::optional<CloseInfo> m_stopping; ///< what to say once the link has ended
    QTimer m_deadline;                   ///< from the handshake to the session
    QTimer m_stable;
    QTimer m_retry;
    int m_failures = 0; ///< in a row; a session that did not last is one
    int m_ended = 0;    ///< attempts, and the session before them if there was one
    int m_refusals = 0; ///< of what the server sent, in a row likewise
    bool m_everWorked = false;
    bool m_closing = false;
    bool m_wanted = false; ///< a slot of ended() may take it back
};

} // namespace parlor
