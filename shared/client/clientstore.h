// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"
#include "shared/client/outbox.h"

#include <QObject>
#include <QUrl>

namespace parlor {

/// Whose things are kept: one person on one server.
struct Account
{
    QString server;   ///< its address
    QString identity; ///< the name that the person gave; empty: none
    /// SessionInfo::person(), where it is known; empty: whoever used this name last. What is kept of one
    /// person is never another one's.
    QString person{};
    bool operator==(const Account &) const = default;
};

/// Leaves out of the address what is secret.
[[nodiscard]] Account accountOf(const QUrl &server, const QString &identity);

/// What it takes to go on with a session.
struct KeptSession
{
    QString resumeToken;
    SessionInfo info;
    bool operator==(const KeptSession &) const = default;
};

struct KeptMessage
{
    ChatMessage message;
    std::optional<MissingMessages> missingAbove{}; ///< between the message before and this one
    bool own = false;                              ///< we wrote it, as whoever we were then
    bool operator==(const KeptMessage &) const = default;
};

/// A room's position and its newest messages.
struct KeptRoom
{
    std::optional<RoomPosition> position{};       ///< nullopt: nothing is kept of the room
    QList<KeptMessage> messages{};                ///< as they were shown, oldest first
    std::optional<MissingMessages> missingNext{}; ///< between the last one and what comes
    /// Only as news: these were deleted, kept or not. They stay, without what they said.
    QList<MessageDeletion> deleted{};
    std::optional<quint64> read{}; ///< seq up to which the person saw it; nullopt: nobody said
    [[nodiscard]] QList<ShownMessage> shown() const;
    /// So many of `messages`, the oldest, were numbered by a history that the server lost: a seq names
    /// another message there than in `position` and `read`.
    [[nodiscard]] qsizetype numberedBefore() const;
    bool operator==(const KeptRoom &) const = default;
};

/// What waits under another name on the same server.
struct UnsentElsewhere
{
    QString identity; ///< or the name that the server gave; empty: there is none
    qint64 count = 0;
    bool operator==(const UnsentElsewhere &) const = default;
};
/// A sentence about these messages, for people; null if there are none.
[[nodiscard]] QString sentenceOn(const QList<UnsentElsewhere> &unsent, const QUrl &server);

/// What a client keeps of an account, while it runs and, where the store can, after that. Owned by main;
/// one thread.
class ClientStore : public QObject
{
    Q_OBJECT
public:
    /// How new messages relate to those that are kept already.
    enum class Continuity { GoesOn, StartsAnew };

    using QObject::QObject;

    /// Everything that is kept from now on belongs to this account. The outbox of the account before stays
    /// with that one if the store outlives the process, and is gone otherwise. False: this account was in use
    /// already, perhaps under another name.
    virtual bool use(const Account &account) = 0;
    /// The account in use is known by another name now.
    virtual void rename(const QString &identity) = 0;
    /// False: the session could not be kept.
    virtual bool keepSession(const KeptSession &session) = 0;
    /// Adds messages to what is kept of the room, all of it or nothing; `read` stays. False: it could not.
    virtual bool keepRoom(const QString &name, const KeptRoom &news, Continuity continuity) = 0;
    /// Keeps how far the person has read. False: it could not be written, or nothing is kept of the room yet.
    virtual bool keepRead(const QString &name, quint64 seq) = 0;
    virtual void forgetRoom(const QString &name) = 0;
    /// Tries again to write what of the outbox could not be kept. False: nothing can be kept yet.
    virtual bool writeAgain() { return true; }

    [[nodiscard]] virtual Outbox &outbox() = 0;
    [[nodiscard]] virtual KeptSession session() const = 0;
    [[nodiscard]] virtual KeptRoom room(const QString &name) const = 0;
    /// Whether what is in the outbox now will be there after a crash.
    [[nodiscard]] virtual bool outlivesProcess() const = 0;
    /// The last try to keep something failed: what is written next will hardly be kept.
    [[nodiscard]] virtual bool isFailing() const { return false; }
    /// What others on this account's server left unsent.
    [[nodiscard]] virtual QList<UnsentElsewhere> unsentElsewhere() const { return {}; }

Q_SIGNALS:
    /// Something could not be kept; `text` says what, why, and what to do.
    void failed(const QString &text);
};

} // namespace parlor
