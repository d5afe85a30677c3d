// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/messages.h"

#include <QList>
#include <QString>

#include <chrono>
#include <cstdint>
#include <optional>
#include <variant>

/// What the client's signals carry: like the frames, but owning its text.
namespace parlor {

struct RoomMember
{
    QString id; ///< of the session
    QString user;
    QString username;
    bool operator==(const RoomMember &) const = default;
};

/// Everything up to and including seq was seen.
struct RoomPosition
{
    QString epoch;
    quint64 seq = 0;
    QString id{}; ///< of the message with this seq, which proves the position; empty at seq 0, or if unknown
    bool operator==(const RoomPosition &) const = default;
};

/// Who deleted a message.
struct DeletedBy
{
    QString user;
    QString username;
    QString timestamp; ///< RFC 3339, UTC
    bool operator==(const DeletedBy &) const = default;
};

/// A message of a room that is deleted: what it said is gone for everybody.
struct MessageDeletion
{
    QString room;
    QString id; ///< of the message
    DeletedBy by;
    bool operator==(const MessageDeletion &) const = default;
};

struct ChatMessage
{
    QString room;
    quint64 seq = 0;
    QString id;
    QString cid; ///< empty if it has none
    QString sender;
    QString user;
    QString username;
    QString text;                         ///< compact JSON if the content was no string
    QString timestamp;                    ///< RFC 3339, UTC
    std::optional<DeletedBy> deletedBy{}; ///< `text` is empty then
    /// Only on its way through the timeline: it is no message, but the event that deletes the one with this
    /// id, and its person and time are those of who deleted it.
    QString deletes{};
    /// Only within a page: an event that this version does not know. It has its place and nothing else.
    bool isOfUnknownType = false;
    bool operator==(const ChatMessage &) const = default;
};

/// Names what somebody composed, whichever id it has: a message that the server lost and that was sent again
/// has another one. Null: it has no cid.
[[nodiscard]] QString composedName(const QString &user, const QString &cid);

/// One that the person has seen, by which it and its history are recognised.
struct ShownMessage
{
    QString id;
    QString composed; ///< composedName()
    bool operator==(const ShownMessage &) const = default;
};

/// How a message came to us.
enum class MessageSource {
    Live,      ///< just said
    Backlog,   ///< said before we joined
    Recovered, ///< said while we were away
};

/// A stretch of a room that we did not see and will not get.
struct MissingMessages
{
    /// Why a position could not be resumed; nullopt: a hole that the history does not fill.
    std::optional<frame::SyncReason> reason{};
    /// What was seen before may be lost on the server, and its numbers may be those of other messages now.
    [[nodiscard]] bool beginsAnew() const;
    bool operator==(const MissingMessages &) const = default;
};

struct PresenceChange
{
    QList<RoomMember> joined; ///< as far as they are kept
    QList<RoomMember> left;   ///< as far as they were known
    quint64 count = 0;        ///< members now
    bool operator==(const PresenceChange &) const = default;
};

/// A page of older messages.
struct HistoryPage
{
    QString epoch{};                 ///< of the numbering that `seq` belongs to
    std::optional<quint64> before{}; ///< what was asked for: the messages adjoin it; nullopt: the newest
    QList<ChatMessage> messages{};   ///< oldest first
    std::optional<quint64> first{}; ///< seq of its oldest event, be it a message or not; nullopt: it has none
    bool more = false;              ///< older ones exist
    bool operator==(const HistoryPage &) const = default;
};

struct RoomSummary
{
    QString name;
    quint64 count = 0; ///< members
    quint64 seq = 0;
    bool operator==(const RoomSummary &) const = default;
};

/// An `error` frame.
struct Refusal
{
    QString code; ///< its name on the wire; empty: no server said it
    QString text;
    std::optional<std::chrono::milliseconds> retryAfter{};
    bool operator==(const Refusal &) const = default;
};

/// What keeps us from signing in, where trying again changes nothing by itself.
enum class SignInProblem {
    None,
    TokenNeeded,  ///< the server wants a token, and there is none
    TokenRefused, ///< it refused the one that we have
    NoToken, ///< the file or the command that should give one did not; tried again like a lost connection
    AnotherPerson ///< the token is of somebody else than what is kept here
};

/// The end of a connection, or why none came about.
struct CloseInfo
{
    quint16 code = 0;       ///< RFC 6455 §7.4; 0: there was no WebSocket connection yet
    QString reason;         ///< the peer's words, unfiltered
    QString text;           ///< for people: what happened, to what, what to do
    quint16 httpStatus = 0; ///< that was answered in place of the handshake; 0: none
    SignInProblem signIn = SignInProblem::None;
    bool operator==(const CloseInfo &) const = default;
};

/// The states of a client. Each carries what only it knows.
namespace state {
struct Disconnected
{
    bool operator==(const Disconnected &) const = default;
};
struct Connecting
{
    int attempt = 1; ///< since the last session that lasted
    bool operator==(const Connecting &) const = default;
};
struct Authenticating
{
    bool operator==(const Authenticating &) const = default;
};
struct Ready
{
    bool operator==(const Ready &) const = default;
};
struct WaitingToReconnect
{
    int attempt = 1; ///< the one that comes next
    std::chrono::milliseconds delay{};
    CloseInfo why;
    bool operator==(const WaitingToReconnect &) const = default;
};
struct Stopped ///< and will not try again by itself
{
    CloseInfo why;
    bool operator==(const Stopped &) const = default;
};
} // namespace state
using ConnectionState = std::variant<state::Disconnected, state::Connecting, state::Authenticating,
                                     state::Ready, state::WaitingToReconnect, state::Stopped>;

/// Whether the servers that share the chat reach each other.
enum class ClusterState {
    Whole,
    Degraded, ///< messages wait until they do
};

/// What we may do to others. Each may do what those before it may.
enum class SessionRole { Member, Moderator, Admin };

/// Who we are, as the answer to `auth` says.
struct SessionInfo
{
    QString clientId;
    QString user;
    QString username;
    bool resumed = false;
    SessionRole role = SessionRole::Member;
    /// The person whom the server knows by a token, in whichever session; empty: it knows sessions only.
    [[nodiscard]] QString person() const { return user == clientId ? QString() : user; }
    bool operator==(const SessionInfo &) const = default;
};

/// What a moderator did to us.
struct ModerationNotice
{
    QString action;                                   ///< its name on the wire: mute, unmute; others may come
    QString room;                                     ///< empty: in all rooms
    std::optional<std::chrono::milliseconds> until{}; ///< since 1970; nullopt: without an end
    QString reason;                                   ///< empty: none was given
    bool operator==(const ModerationNotice &) const = default;
};

/// What the server says about itself when a connection begins.
struct ServerInfo
{
    QString hostname;
    std::chrono::milliseconds ping{};
    frame::ServerLimits limits{};
    bool needsToken = false; ///< nobody gets in without one
    bool operator==(const ServerInfo &) const = default;
};

} // namespace parlor
