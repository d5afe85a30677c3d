// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"
#include "shared/client/clientoptions.h"
#include "shared/client/requests.h"
#include "shared/client/retrywait.h"
#include "shared/client/roomroster.h"
#include "shared/client/roomtimeline.h"
#include "shared/client/typingtracker.h"

#include <QObject>

#include <map>

namespace parlor {

enum class RoomPhase {
    NotJoined,
    Joining, ///< wanted, and not (yet, or again) up to date
    Ready,
};

/// How a room is joined for the first time; later the book knows by itself where it stands.
struct JoinOptions
{
    std::optional<RoomPosition> since{};
    std::optional<quint32>
        history{};               ///< messages to bring if there is no `since`; nullopt: the server's default
    QList<ShownMessage> shown{}; ///< the newest that were shown, oldest first
};

/// The rooms that the person wants to be in, across reconnects: joins, messages in order, members, typing.
/// Owned by ChatClient, in its thread.
class RoomBook : public QObject
{
    Q_OBJECT
public:
    RoomBook(Requests &requests, const ClientOptions &options, QObject *parent = nullptr);

    void join(const QString &name, const JoinOptions &how = {});
    void leave(const QString &name);
    void setTyping(const QString &room, TypingState now);

    [[nodiscard]] QStringList rooms() const;
    [[nodiscard]] RoomPhase phase(const QString &room) const;
    [[nodiscard]] std::optional<RoomPosition> position(const QString &room) const;
    [[nodiscard]] QList<RoomMember> members(const QString &room) const;
    [[nodiscard]] quint64 memberCount(const QString &room) const;
    /// Names that several members of the room have.
    [[nodiscard]] QSet<QString> namesakes(const QString &room) const;

    /// From ChatClient: what happens to the connection, and the frames that concern rooms.
    void sessionStarted();
    void connectionLost();
    void handle(const frame::RoomUsers &users);
    void handle(const frame::Presence &presence);
    void handle(const frame::Message &message);
    void handle(const frame::Deleted &deleted);
    void handle(const frame::Sync &sync);
    void handle(const frame::UserUpdated &updated);
    void handle(const frame::Typing &typing);

Q_SIGNALS:
    /// The server let us in, for the first time or again.
    void roomJoined(const QString &room);
    /// Everything missed is shown; live messages follow.
    void roomReady(const QString &room);
    /// The server refused the join; the room is no longer wanted.
    void roomRefused(const QString &room, const parlor::Refusal &refusal);
    void roomLeft(const QString &room);
    void messageReceived(const parlor::ChatMessage &message, parlor::MessageSource source);
    /// One that came earlier, or did not, has lost what it said. It keeps its place.
    void messageDeleted(const parlor::MessageDeletion &deletion, parlor::MessageSource source);
    void messagesMissing(const QString &room, const parlor::MissingMessages &missing);
    /// Emitted once everything up to the position was received.
    void positionChanged(const QString &room, const parlor::RoomPosition &position);
    void membersReset(const QString &room);
    void presenceChanged(const QString &room, const parlor::PresenceChange &change);
    void memberRenamed(const QString &room, const parlor::RoomMember &before, const QString &username);
    void typingChanged(const QString &room, const parlor::RoomMember &member, parlor::TypingState now);

private:
    struct Room
    {
        RoomTimeline timeline{};
        RoomRoster roster{};
        RoomPhase phase = RoomPhase::Joining;
        RetryWait retryWait;
        std::optional<quint32> history{};
        bool entered = false;      ///< the server let us in on this connection
        bool membersStale = false; ///< and will be asked for
    };

    void sendJoin(const QString &name);
    void sendLeave(const QString &name, RetryWait retryWait);
    void askHistory(const QString &name, quint64 after);
    void askMembers(const QString &name);
    [[nodiscard]] std::chrono::milliseconds membersAgainAfter(quint64 count) const;
    void follow(const QString &name, RoomTimeline::Step step);
    /// Runs `action` later, unless the connection ends before.
    void retry(std::chrono::milliseconds wait, std::function<void()> action);
    [[nodiscard]] Room *find(const QString &name);
    /// Null also before the server let us in: what comes until then is of a membership that we have left.
    [[nodiscard]] Room *findEntered(const QString &name);
    [[nodiscard]] const Room *find(const QString &name) const;

    Requests &m_requests;
    ClientOptions m_options;
    TypingTracker m_typing;
    std::map<QString, Room> m_rooms;
    quint64 m_connection = 0;
};

} // namespace parlor
