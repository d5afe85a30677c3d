// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

#include <map>
#include <optional>
#include <variant>
#include <vector>

namespace parlor::test::model {

struct Message
{
    QString room;
    qint64 seq = 0;
    QString id;
    QString cid; ///< empty: of a v1 client
    QString sender;
    QString content;
    bool operator==(const Message &) const = default;
};

struct Position
{
    QString epoch;
    qint64 seq = 0;
    QString id{}; ///< of the message with this seq; empty at seq 0
    bool operator==(const Position &) const = default;
};

/// What a client did, and what it heard, in that order.
namespace entry {

/// A connection; `run` counts the server's starts.
struct Opened
{
    bool isV2 = true;
    int run = 0;
};
/// v1: who it is. v2: the answer to its auth.
struct Session
{
    bool wantedOld = false;
    bool resumed = false;
    QString clientId;
    QString user;
};
struct JoinAsked
{
    QString room;
    std::optional<Position> since;
};
/// v2: the ack, with what was asked; v1: the room_users that says so.
struct Joined
{
    QString room;
    std::optional<Position> since;
    int history = 0; ///< that it asked for, without `since`
};
struct Left
{
    QString room;
};
struct Sent
{
    QString room;
    QString cid;
    QString content;
};
/// v1: the server says its message back to it.
struct Echoed
{
    QString content;
};
struct Acked
{
    QString room;
    QString cid;
    QString id;
    qint64 seq = 0;
    bool dup = false;
    bool durable = false;
};
struct Synced
{
    QString room;
    Position top;
    bool recovered = false;
    QString reason;
    std::vector<Message> events;
    bool more = false;
    qint64 bytes = 0; ///< of the events, as JSON
};
struct Heard
{
    Message message;
};
/// An answer to `history`, with what was asked, and what the client knew when it asked.
struct Paged
{
    QString room;
    Position known;
    std::optional<qint64> before;
    std::optional<qint64> after;
    int limit = 0;
    QString epoch;
    std::vector<Message> events;
    bool more = false;
    qint64 bytes = 0; ///< of the events, as JSON
};
/// An `error`; `replaced`: on a connection that a newer one of the same session had taken over.
struct Refused
{
    QString frame;
    bool replaced = false;
};
/// An `error` where the server could not store this message.
struct Declined
{
    QString room;
    QString cid; ///< empty: of a v1 client
    QString content;
};
/// An `unavailable`: what was asked for may have been done, or not, and is asked for again.
struct Unsure
{
    QString type; ///< of the request
    QString room;
    QString cid;     ///< of a message; empty: of a v1 client
    QString content; ///< of a message
};
/// Of the storage: this is kept when it loses what comes.
struct Saved
{
};
/// All since Saved is lost, and, unless `isKept`, what was before it.
struct Lost
{
    bool isKept = false;
};
/// The end of a connection that had to end, with a certain Close or, because the server died, without one.
struct Ended
{
    std::optional<int> expected;
    std::optional<int> code;
    bool hung = false; ///< TCP did not end
};
/// The end of a connection that should not have ended.
struct Cut
{
    QString why;
};

} // namespace entry

using Entry =
    std::variant<entry::Opened, entry::Session, entry::JoinAsked, entry::Joined, entry::Left, entry::Sent,
                 entry::Echoed, entry::Acked, entry::Synced, entry::Heard, entry::Paged, entry::Refused,
                 entry::Declined, entry::Unsure, entry::Saved, entry::Lost, entry::Ended, entry::Cut>;

using Log = std::vector<Entry>;

/// A room as it is in the end, all of it.
struct RoomHistory
{
    QString epoch;
    std::vector<Message> messages;
};

/// A backup was put back: what was said after it was made is not there any more, and its numbers are given
/// again.
struct Fork
{
    int run = 0;                    ///< the first one on the backup
    std::map<QString, qint64> tops; ///< of the rooms that the backup has
};

/// All that is known of a run of a program.
struct Record
{
    /// Whether acks must be durable, and numbering, history and cids survive a restart. Otherwise each run of
    /// the server has its own.
    bool isDurable = true;
    std::vector<Log> clients;
    std::map<QString, RoomHistory> rooms;
    std::vector<Fork> forks{}; ///< of a durable store, in order
};

} // namespace parlor::test::model
