// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"
#include "shared/client/outbox.h"
#include "shared/client/outboxsender.h"
#include "shared/client/personname.h"

#include <QAbstractListModel>
#include <QDateTime>
#include <QSet>

#include <deque>

namespace parlor::gui {

/// One room's messages as they are shown: what was said, oldest first, and behind it what we wrote and the
/// server has not acknowledged yet. Lines between messages (a new day, new messages, messages that are
/// missing) are roles of the message below them. Owned by JoinedRooms.
class MessageModel : public QAbstractListModel
{
    Q_OBJECT
public:
    enum Role {
        KeyRole = Qt::UserRole, ///< quint64: names the row for as long as it lives
        SeqRole,                ///< quint64; 0: not published yet
        UserRole,               ///< who is behind it: for grouping
        HueRole,                ///< hueKey()
        NameRole,
        TextRole,
        TimeRole,       ///< QDateTime, local
        DeliveryRole,   ///< Delivery
        ProblemRole,    ///< why it was not sent; empty: nothing is wrong
        CidRole,        ///< of what we wrote and may still decide about; empty otherwise
        GroupStartRole, ///< bool: with avatar and name; the others follow the same person within minutes
        DayRole,        ///< QDate of a day line above; invalid: none
        GapRole,        ///< text of a line above that messages are missing; empty: none
        GapOpenRole,    ///< bool: the server may have them
        MarkerRole,     ///< bool: the "New messages" line is above
        MentionRole,    ///< bool: it names us
        DeletedRole,    ///< bool: what was said is gone; the text says who deleted it
        DeletingRole,   ///< bool: the person deletes it, and can still take that back
        DeletableRole,  ///< bool: the person may delete it for everybody
    };
    Q_ENUM(Role)

    enum class Delivery {
        Received, ///< somebody else's
        Sent,     ///< ours, and the server has it
        Queued,   ///< waits for the connection
        Sending,
        Unconfirmed,   ///< was sent, and waits to be sent again: others may have it already
        NeedsDecision, ///< resend or delete, says the person
        Failed,
    };
    Q_ENUM(Delivery)

    /// What is known of messages that are missing.
    enum class Gap {
        Final,      ///< the server does not have them
        Open,       ///< it may have them
        NewHistory, ///< it lost those above, and may have some that came after that
    };
    Q_ENUM(Gap)

    explicit MessageModel(QObject *parent = nullptr);

    /// Who we are now: decides what is ours and what mentions us.
    void setSelf(const SessionInfo &self);
    /// The name by which others mention us.
    [[nodiscard]] QString selfName() const { return personName(m_self.username); }
    /// Names that several of those who are present have.
    void setNamesakes(const QSet<QString> &names);

    enum class Author {
        ByUser, ///< it is ours if its user is who we are now
        Self,   ///< it is ours, whoever we are now
    };
    /// Adds the message, unless a row has it already. Returns the key of a new row.
    std::optional<quint64> add(const ChatMessage &message, Author author = Author::ByUser);
    /// Adds messages above the first row: they are older than all that are there.
    void prepend(const HistoryPage &older);
    /// Messages are missing between the last row and the next one to come.
    void addGap(const QString &text, Gap kind);
    /// Adds a page of what is missing above the row with the seq before which it was asked for. The line
    /// moves above the page, or goes.
    void fillGap(const HistoryPage &page);
    /// The seq of the row with this key, if there is an open gap above it.
    [[nodiscard]] std::optional<quint64> gapAbove(quint64 key) const;
    /// The numbers of the first row are of a history that the server lost: it has nothing above that row.
    [[nodiscard]] bool startsInLostHistory() const;
    /// The history has nothing older than the first row.
    void setComplete() { m_complete = true; }
    [[nodiscard]] bool isComplete() const { return m_complete; }

    /// There are so many rows that no older ones should be asked for.
    [[nodiscard]] bool isFull() const { return rowCount() >= kFullRows; }
    /// The server let us in, and what was said there is known.
    void setReached(bool reached);
    [[nodiscard]] bool isReached() const { return m_reached; }

    /// Past kMaxRows the oldest go; while somebody reads further up nothing does, so that what is read does
    /// not vanish, up to a bound that only a flood reaches.
    enum class Trimming { Prompt, Late };
    void setTrimming(Trimming trimming) { m_trimming = trimming; }

    void setOutgoing(const OutboxEntry &entry);
    void acknowledge(const PublishReceipt &receipt);
    void removeOutgoing(const QString &cid);

    /// Whether we may delete what others wrote.
    void setModerating(bool moderating) { m_moderating = moderating; }
    /// Where a message is in the room's history, by which the server knows it.
    struct Place
    {
        quint64 seq = 0;
        QString id;
        bool operator==(const Place &) const = default;
    };
    [[nodiscard]] std::optional<Place> placeOf(quint64 key) const; ///< nullopt: it is not published
    void setDeleting(const QString &id, bool deleting);
    /// Takes away what was said; the row stays. Returns its key; nullopt: no row has it.
    std::optional<quint64> setDeleted(const QString &id, const QString &by);

    /// The "New messages" line, above the row with this key; nullopt: none.
    void setMarker(std::optional<quint64> aboveKey);
    /// The key of the row below it.
    [[nodiscard]] std::optional<quint64> marker() const { return m_marker; }
    /// What nobody has seen yet.
    struct Unread
    {
        quint64 messages = 0; ///< those that are missing here, too
        int mentions = 0;
        quint64 first = 0; ///< key of the first row of them
        bool operator==(const Unread &) const = default;
    };
    void setUnread(const Unread &unread);
    [[nodiscard]] const Unread &unread() const { return m_unread; }
    /// Whether messages are missing above the row with this key that the server may have.
    [[nodiscard]] bool mayHaveMoreAbove(quint64 key) const;
    /// The key of the newest row. Later messages get higher keys; older ones that are loaded get lower ones.
    [[nodiscard]] quint64 newestKey() const { return m_lastKey; }
    /// From here on all is known.
    [[nodiscard]] std::optional<quint64> firstSeq() const;
    [[nodiscard]] int rowOf(quint64 key) const; ///< -1: gone
    [[nodiscard]] bool mentionsUs(const QString &text) const;

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;

Q_SIGNALS:
    /// A message is marked otherwise, and has the same height: repaint it.
    void deliveryChanged(const QModelIndex &index);
    void reachedChanged();
    /// Rows have other colours: repaint them.
    void huesChanged();
    void unreadChanged();

private:
    struct Row
    {
        quint64 key = 0;
        quint64 seq = 0; ///< 0: not published yet
        QString id;
        QString cid;
        QString sender;
        QString user;
        QString name;
        QString text;
        QDateTime time;
        Delivery delivery = Delivery::Received;
        QString problem;
        QString gap;             ///< above
        bool gapOpen = false;    ///< what is missing may be had
        bool newHistory = false; ///< rows above are numbered by one that the server lost
        bool mention = false;
        QString deletedBy; ///< empty: it is not
        bool deleting = false;
    };
    /// The gap above the next row.
    struct NextGap
    {
        QString text;
        bool open = false;
        bool newHistory = false;
    };
    /// What is above a message, and decides its height.
    struct Head
    {
        bool day = false;
        bool group = false;
        QString gap;
        bool operator==(const Head &) const = default;
    };
    [[nodiscard]] Row rowFrom(const ChatMessage &message, Author author = Author::ByUser);
    /// Under this id or another.
    [[nodiscard]] bool isKnown(const ChatMessage &message) const;
    void know(const Row &row);
    void forget(const Row &row);
    void takeNextGap(Row &row);
    /// Ends the gap above the first row: any page that is added above brings what is missing there.
    void closeFirstGap();
    [[nodiscard]] Row &at(int row) { return m_rows[static_cast<std::size_t>(row)]; }
    [[nodiscard]] const Row &at(int row) const { return m_rows[static_cast<std::size_t>(row)]; }
    void insertOlder(int at, std::deque<Row> rows);
    [[nodiscard]] int findOutgoing(const QString &cid) const;
    [[nodiscard]] int findPublished(const QString &id) const;
    [[nodiscard]] static QString textOf(const Row &row);
    [[nodiscard]] bool isDeletable(const Row &row) const;
    [[nodiscard]] int placeFor(const Row &row) const;
    [[nodiscard]] Head headOf(int row) const;
    [[nodiscard]] bool startsGroup(int row) const;
    [[nodiscard]] bool startsDay(int row) const;
    void insertRow(int at, Row row);
    void removeRow(int at);
    /// The row below a change may have gained or lost its head.
    void headMayHaveChanged(int row);
    void publish(int outgoing, Row row);
    void trim();

    static constexpr quint64 kMiddleKey = quint64(1) << 32;
    static constexpr int kMaxRows = 5000;
    static constexpr int kFullRows = 2 * kMaxRows;
    static constexpr int kFloodRows = 10 * kMaxRows;

    SessionInfo m_self;
    QSet<QString> m_namesakes;
    std::deque<Row> m_rows;
    int m_published = 0;   ///< rows that are published; the outgoing ones are behind them
    QSet<QString> m_known; ///< ids of the published rows, and composedName() of them
    QSet<QString> m_early; ///< of those that were acknowledged and are still to be heard
    NextGap m_nextGap;
    std::optional<quint64> m_marker;
    Unread m_unread;
    quint64 m_lastKey = kMiddleKey;
    quint64 m_firstKey = kMiddleKey + 1;
    std::optional<quint64> m_pagedTo; ///< seq of the last older page's first event, be it a message or not
    bool m_complete = false;
    bool m_reached = false;
    bool m_moderating = false;
    Trimming m_trimming = Trimming::Prompt;
};

} // namespace parlor::gui
