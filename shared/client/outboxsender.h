// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"
#include "shared/client/clientoptions.h"
#include "shared/client/outbox.h"
#include "shared/client/requests.h"
#include "shared/client/retrywait.h"
#include "shared/client/roombook.h"
#include "shared/protocol/ulid.h"

#include <QHash>
#include <QObject>
#include <QSet>
#include <QTimer>

namespace parlor {

/// The server's confirmation that it has published a message.
struct PublishReceipt
{
    QString cid;
    QString room;
    QString id;
    quint64 seq = 0;
    QString timestamp;
    bool duplicate = false; ///< it had been published before; this was a resend
    bool durable = false;
    bool operator==(const PublishReceipt &) const = default;
};

/// Brings the outbox's messages to the server: in order, one unanswered at a time, each until it is
/// acknowledged, refused, or a person must decide. Owned by ChatClient, in its thread.
class OutboxSender : public QObject
{
    Q_OBJECT
public:
    enum class HeldUpEnd {
        Flows,        ///< the server took a message
        NothingWaits, ///< nothing is left to be sent, so the server is not asked any more
        Disconnected,
    };
    Q_ENUM(HeldUpEnd)

    OutboxSender(Outbox &outbox, const RoomBook &rooms, Requests &requests, RatePacer &pacer,
                 const ClientOptions &options, QObject *parent = nullptr);

    /// Puts a message into the outbox and returns its cid.
    QString send(const QString &room, const QString &text);
    /// The person's decision about a message that needs one, or that failed.
    void resend(const QString &cid);
    /// Removes the message, unless it is in flight.
    void discard(const QString &cid);
    /// Removes all messages of a room. What becomes of one that is in flight is not followed any more.
    void discardRoom(const QString &room);

    [[nodiscard]] QList<OutboxEntry> entries() const { return m_outbox.entries(); }
    [[nodiscard]] std::optional<OutboxEntry> find(const QString &cid) const { return m_outbox.find(cid); }
    /// Messages that still go out by themselves.
    [[nodiscard]] qsizetype underWay() const;
    [[nodiscard]] bool isIdle() const { return underWay() == 0; }
    /// From heldUp() to heldUpEnded(), and while the servers do not reach each other.
    [[nodiscard]] bool isHeldUp() const { return m_isHeldUp || m_cluster == ClusterState::Degraded; }

    /// From ChatClient and RoomBook.
    /// `frameLimit`: bytes of a frame that the server takes; 0: any number.
    void sessionStarted(const QString &clientId, quint64 frameLimit);
    void connectionLost();
    /// What is refused while the servers do not reach each other is no news. Once they do, it is tried at
    /// once.
    void setCluster(ClusterState cluster);
    void roomReady(const QString &room);
    void roomRefused(const QString &room, const Refusal &refusal);
    /// Somebody's message came. If it is ours and still in the outbox, its acknowledgement was lost: it is
    /// settled.
    void published(const ChatMessage &message);

Q_SIGNALS:
    void entryChanged(const parlor::OutboxEntry &entry);
    void messageAcknowledged(const parlor::PublishReceipt &receipt);
    void entryDiscarded(const QString &cid);
    /// The server stores nothing for now (`unavailable`, and not for the first time since it took a message):
    /// what is written waits, and is tried again. Said once.
    void heldUp(const parlor::Refusal &refusal);
    void heldUpEnded(parlor::OutboxSender::HeldUpEnd end);
    /// The server takes our next message in this room only after `wait` (slow mode), as `text` says. It
    /// waits, and goes out by itself; what is for other rooms goes on.
    void slowedDown(const QString &room, std::chrono::milliseconds wait, const QString &text);

private:
    /// People are told from this many refusals in a row on: a single one may come of a burst.
    static constexpr int kHeldUpFrom = 2;
    /// A wait from this on is the room's; a shorter one is the session's rate.
    static constexpr std::chrono::milliseconds kSlow{1'000};

    void pump();
    /// Whether it changed something without sending, so that it should be called again.
    bool pumpOne();
    void sendNow(OutboxEntry entry);
    void answered(const QString &cid, const frame::Any *any);
    void endHeldUp(HeldUpEnd end);
    void endHeldUpIfIdle();
    void refusedForNow(const Refusal &refusal, std::optional<OutboxEntry> entry);
    void slowDown(const QString &room, std::chrono::milliseconds wait, const QString &text);
    void settle(const PublishReceipt &receipt);
    void change(OutboxEntry entry, OutboxState state, const QString &problem = {});
    /// It does not go out by itself any more: it failed, or the person decides if others may have it.
    void giveUp(const OutboxEntry &entry, const QString &why);
    void compose(OutboxEntry &entry);
    [[nodiscard]] bool isTooOld(const OutboxEntry &entry) const;
    [[nodiscard]] static QString unknownAfterSoLong();
    [[nodiscard]] bool isTooLong(const OutboxEntry &entry) const;

    Outbox &m_outbox;
    const RoomBook &m_rooms;
    Requests &m_requests;
    RatePacer &m_pacer;
    Clock m_clock;
    std::chrono::milliseconds m_resendWithin;
    RetryWait m_retryWait;
    QString m_clientId;
    quint64 m_frameLimit = 0;
    QString m_inFlight;        ///< cid; empty: none
    bool m_isFirstTry = false; ///< of what is in flight
    QString m_refusedHere; ///< cid that this connection was the first to bring, and that was refused for now
    int m_unavailable = 0; ///< answers since the server took a message, or nothing waited
    bool m_isHeldUp = false;
    ClusterState m_cluster = ClusterState::Whole;
    QTimer m_wait;            ///< while it runs nothing is sent
    QSet<QString> m_slowed;   ///< rooms to which nothing is sent for now
    quint64 m_connection = 0; ///< tells a wait of an earlier connection from one of this
    UlidSource m_cids;
    QHash<QString, std::chrono::milliseconds>
        m_composed; ///< by cid: what was in this run, on the steady clock
};

} // namespace parlor
