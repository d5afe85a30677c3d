// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"
#include "shared/client/clientoptions.h"

#include <QObject>
#include <QTimer>
#include <QUrl>

#include <optional>

namespace parlor::gui {

/// What the window says about the connection: one line that is always there (the status), and a banner above
/// the chat while something is wrong. ChatController owns and feeds it; it knows no widget.
class ConnectionModel : public QObject
{
    Q_OBJECT
public:
    /// Reconnect attempts that are made quickly, and counted for the person.
    static constexpr int kAttempts = 3;

    /// The state's sign: told apart by shape as well as by colour.
    enum class Shape {
        Disc,  ///< connected
        Ring,  ///< working on it
        Cross, ///< offline
    };
    Q_ENUM(Shape)

    struct Status
    {
        Shape shape = Shape::Cross;
        QString state;    ///< "Connected", "Reconnecting 2/3"
        QString host;     ///< whom we talk to; empty: nobody yet
        QString servedBy; ///< the hostname that the server tells; empty: not known
        QString detail;   ///< the round trip, or when the server was last heard
        bool slow = false;
        bool secure = false; ///< what is said goes through TLS now
        bool ready = false;
        bool operator==(const Status &) const = default;
    };

    enum class Mood { Warning, Error, Good };
    Q_ENUM(Mood)
    enum class Action { None, RetryNow, Cancel, Connect, ComeBack };
    Q_ENUM(Action)

    struct Banner
    {
        Mood mood = Mood::Warning;
        QString lead; ///< bold: what happened
        QString text; ///< what is being done about it, and what the person may do
        Action action = Action::None;
        QString details; ///< why, in full; empty: there is no more to say
        bool operator==(const Banner &) const = default;
    };

    explicit ConnectionModel(const ClientOptions &options, QObject *parent = nullptr);

    // From the client.
    void connectingTo(const QUrl &url);
    void setState(const ConnectionState &state);
    void sessionStarted(const ServerInfo &server);
    void roundTripMeasured(std::chrono::milliseconds roundTrip);
    /// What was written and the server does not have: what goes out by itself, and what the person must
    /// decide about.
    void setUnsent(qsizetype going, qsizetype undecided);
    /// Whether what was written and not sent outlives the program.
    void setKeeps(bool keeps);
    void setCluster(ClusterState cluster);
    /// The person is asked to sign in, where they are told what is wrong.
    void setSigningIn(bool signingIn);
    /// The server is connected, but takes no messages for now.
    void heldUp(const Refusal &refusal);
    /// `flows`: the server takes messages again; false: it was not asked any more.
    void heldUpEnded(bool flows);

    [[nodiscard]] const Status &status() const { return m_status; }
    [[nodiscard]] const std::optional<Banner> &banner() const { return m_banner; }
    [[nodiscard]] bool isReady() const;

Q_SIGNALS:
    void statusChanged();
    void bannerChanged();

private:
    void update();
    [[nodiscard]] Status makeStatus() const;
    [[nodiscard]] std::optional<Banner> makeBanner() const;
    [[nodiscard]] Banner goodNews() const;
    [[nodiscard]] Banner stoppedBanner() const;
    [[nodiscard]] QString said(const QString &reason) const;
    [[nodiscard]] Banner heldUpBanner(const QString &why) const;
    [[nodiscard]] Banner degradedBanner() const;
    /// The connection was lost a moment ago, and may be back before anybody need know.
    [[nodiscard]] bool isQuietlyAway() const;
    [[nodiscard]] bool isLossNoticed() const { return m_lostAt && now() - m_lostSince >= m_quietLoss; }
    [[nodiscard]] QString sentWhenBack() const;
    [[nodiscard]] qint64 resendMinutes() const;
    [[nodiscard]] Banner waitingBanner(const state::WaitingToReconnect &waiting) const;
    /// Of the quick reconnect attempts that `attempt` (of ConnectionState) stands for; 0: the first of all.
    [[nodiscard]] static int retryNumber(int attempt) { return attempt - 1; }
    [[nodiscard]] std::chrono::milliseconds now() const { return m_clock.steady(); }
    [[nodiscard]] QString lastContact() const;

    Clock m_clock;
    std::chrono::milliseconds m_quietLoss;
    std::chrono::milliseconds m_resendWithin; ///< what is older waits for the person's decision
    QTimer m_tick;                            ///< while a countdown or a delay is on
    QUrl m_url;
    ConnectionState m_state;
    QString m_servedBy;
    std::optional<std::chrono::milliseconds> m_roundTrip;
    std::optional<std::chrono::milliseconds> m_lastContact; ///< wall
    std::optional<std::chrono::milliseconds> m_lostAt;      ///< wall; until ready again
    std::chrono::milliseconds m_lostSince{};                ///< the same, steady
    CloseInfo m_why;                                        ///< of the latest failure
    std::chrono::milliseconds m_since{};                    ///< when the state came, steady
    std::optional<std::chrono::milliseconds> m_backAt;      ///< steady: when an outage ended
    bool m_wasHeldUp = false;                               ///< the outage, rather than away
    std::optional<QString> m_heldUp;                        ///< the server's words
    ClusterState m_cluster = ClusterState::Whole;
    bool m_signingIn = false;
    qsizetype m_going = 0;
    qsizetype m_undecided = 0;
    bool m_keeps = true;
    Status m_status;
    std::optional<Banner> m_banner;
};

} // namespace parlor::gui
