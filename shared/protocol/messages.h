// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/error.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

/// Every frame of docs/protocol.md as a plain struct. The variants at the end of each part are the
/// append-only lists of all types. Text fields are views: into the caller's strings when a frame is encoded;
/// into the Decoder's buffer, valid until its next call, when it was decoded.
namespace parlor {

/// Where a client stands in a room: everything up to and including seq was seen.
struct Position
{
    std::string_view epoch;
    std::uint64_t seq = 0;
    std::string_view
        id{}; ///< of the message with this seq; empty at seq 0, or if the client does not know it
    bool operator==(const Position &) const = default;
};

/// What was said: any JSON value. Only v1 clients can send something else than a string.
struct Content
{
    std::string_view text;   ///< the string's characters; the compact JSON if it is no string
    std::string_view json{}; ///< the value as compact JSON; empty: encode `text` as a string
    bool isString = true;
    bool operator==(const Content &) const = default;
};

struct Member
{
    std::string_view id;
    std::string_view user;
    std::string_view username;
    bool operator==(const Member &) const = default;
};

// ---- v2, client → server (section 4)
// -------------------------------------------------------------------------

namespace request {

struct Auth
{
    static constexpr std::string_view kType = "auth";
    std::optional<std::string_view> token{};
    std::optional<std::string_view> username{};
    std::optional<std::string_view> resume{};
    bool operator==(const Auth &) const = default;
};
struct Join
{
    static constexpr std::string_view kType = "join";
    std::string_view room;
    std::optional<Position> since{};
    std::optional<std::uint32_t> history{};
    bool operator==(const Join &) const = default;
};
struct Leave
{
    static constexpr std::string_view kType = "leave";
    std::string_view room;
    bool operator==(const Leave &) const = default;
};
struct Publish
{
    static constexpr std::string_view kType = "message";
    std::string_view room;
    Content content;
    std::string_view cid;
    bool operator==(const Publish &) const = default;
};
struct History
{
    static constexpr std::string_view kType = "history";
    std::string_view room;
    std::optional<std::uint64_t> before{};
    std::optional<std::uint64_t> after{};
    std::optional<std::uint32_t> limit{};
    bool operator==(const History &) const = default;
};
struct Typing
{
    static constexpr std::string_view kType = "typing";
    std::string_view room;
    bool on = false;
    bool operator==(const Typing &) const = default;
};
struct Nick
{
    static constexpr std::string_view kType = "nick";
    std::string_view username;
    bool operator==(const Nick &) const = default;
};
struct Rooms
{
    static constexpr std::string_view kType = "rooms";
    std::string_view prefix{};
    std::optional<std::uint32_t> limit{};
    std::string_view after{};
    bool operator==(const Rooms &) const = default;
};
struct Who
{
    static constexpr std::string_view kType = "who";
    std::string_view room;
    std::optional<std::uint32_t> limit{};
    std::string_view after{};
    bool operator==(const Who &) const = default;
};
struct Ping
{
    static constexpr std::string_view kType = "ping";
    double t = 0; ///< the client's own clock, ms
    bool operator==(const Ping &) const = default;
};

struct Delete
{
    static constexpr std::string_view kType = "delete";
    std::string_view room;
    std::uint64_t seq = 0; ///< of the message …
    std::string_view id;   ///< … and its id, which proves that it is the one that is meant
    bool operator==(const Delete &) const = default;
};
/// What a moderator does to somebody, or to a room.
struct Moderate
{
    static constexpr std::string_view kType = "moderate";
    std::string_view action; ///< kick, ban, unban, mute, unmute, slow
    std::optional<std::string_view> user{};
    std::optional<std::string_view> network{};
    std::optional<std::string_view> room{};
    std::optional<std::chrono::milliseconds> duration{}; ///< nullopt: without an end
    std::optional<std::chrono::milliseconds> interval{}; ///< of slow
    std::optional<std::string_view> reason{};
    bool operator==(const Moderate &) const = default;
};

using Body =
    std::variant<Auth, Join, Leave, Publish, History, Typing, Nick, Rooms, Who, Ping, Delete, Moderate>;

} // namespace request

struct Request
{
    std::optional<std::uint32_t> rid{};
    request::Body body;
    bool operator==(const Request &) const = default;
};

// ---- v1, client → server (section 2)
// -------------------------------------------------------------------------

namespace v1 {

struct Join
{
    std::string_view room;
    bool operator==(const Join &) const = default;
};
struct Publish
{
    Content content;
    bool operator==(const Publish &) const = default;
};

using Request = std::variant<Join, Publish>;

} // namespace v1

// ---- server → client (sections 2 and 5)
// ----------------------------------------------------------------------

namespace frame {

struct ServerLimits
{
    std::uint64_t frame = 0;   ///< bytes of a client's frame
    std::uint64_t content = 0; ///< code points
    std::uint64_t rooms = 0;   ///< for a session
    double rate = 0;           ///< requests a second
    double burst = 0;
    bool operator==(const ServerLimits &) const = default;
};
/// What a v2 `connection` frame says beyond v1's.
struct ServerTerms
{
    std::chrono::milliseconds ping{};
    ServerLimits limits{};
    std::chrono::milliseconds serverTime{}; ///< since 1970
    std::string_view chat{}; ///< servers that share it say the same; empty: the server names none
    bool needsToken = false; ///< `auth` with a token has to come first
    bool operator==(const ServerTerms &) const = default;
};
struct Connection
{
    static constexpr std::string_view kType = "connection";
    std::string_view clientId;
    std::string_view hostname;
    std::optional<ServerTerms> terms{}; ///< in v2 only
    bool operator==(const Connection &) const = default;
};

/// The answers that are an `ack`; which one it is, its fields tell.
struct AuthAck
{
    std::string_view clientId;
    std::string_view user;
    std::string_view username;
    bool resumed = false;
    std::string_view resume; ///< the token to come back with
    std::chrono::milliseconds resumeTtl{};
    std::string_view role{};                            ///< moderator, admin; empty: member
    std::optional<std::chrono::milliseconds> expires{}; ///< since 1970: when another token is due
    bool operator==(const AuthAck &) const = default;
};
struct RoomAck ///< of join and leave
{
    std::string_view room;
    bool operator==(const RoomAck &) const = default;
};
struct PublishAck
{
    std::string_view room;
    std::string_view id;
    std::uint64_t seq = 0;
    std::string_view timestamp;
    std::string_view cid;
    bool dup = false;
    bool durable = false;
    bool operator==(const PublishAck &) const = default;
};
struct DeleteAck
{
    std::string_view room;
    std::string_view id;   ///< of the event
    std::uint64_t seq = 0; ///< of the event
    std::string_view timestamp;
    std::string_view target; ///< the message's id
    bool dup = false;        ///< it was deleted before, by this event
    bool durable = false;
    bool operator==(const DeleteAck &) const = default;
};
struct ModerateAck
{
    std::string_view action;
    bool operator==(const ModerateAck &) const = default;
};
struct NickAck
{
    std::string_view username;
    std::string_view resume;
    bool operator==(const NickAck &) const = default;
};
struct Ack
{
    static constexpr std::string_view kType = "ack";
    std::optional<std::uint32_t> rid{};
    std::variant<AuthAck, RoomAck, PublishAck, DeleteAck, ModerateAck, NickAck> body;
    bool operator==(const Ack &) const = default;
};

struct Error
{
    static constexpr std::string_view kType = "error";
    std::optional<std::uint32_t> rid{};
    std::string_view code; ///< by name: a client may meet one that it does not know
    std::string_view message;
    bool retryable = false;
    std::optional<std::chrono::milliseconds> retry{};
    std::optional<std::string_view> room{};
    std::optional<std::string_view> cid{};
    bool operator==(const Error &) const = default;
};
struct RoomUsers
{
    static constexpr std::string_view kType = "room_users";
    std::optional<std::uint32_t> rid{};
    std::string_view room;
    std::vector<Member> members{};
    std::uint64_t count = 0;
    bool truncated = false;
    bool operator==(const RoomUsers &) const = default;
};
struct Departure
{
    std::string_view id;
    std::string_view reason;
    bool operator==(const Departure &) const = default;
};
struct Presence
{
    static constexpr std::string_view kType = "presence";
    std::string_view room;
    std::vector<Member> joined{};
    std::vector<Departure> left{};
    std::uint64_t count = 0;
    bool truncated = false; ///< there were more changes than are listed; `count` is right
    bool operator==(const Presence &) const = default;
};
/// The event that a message was deleted by.
struct Deletion
{
    std::uint64_t seq = 0;
    std::string_view id;
    std::string_view user; ///< who deleted it
    std::string_view username;
    std::string_view timestamp;
    bool operator==(const Deletion &) const = default;
};
struct Message
{
    static constexpr std::string_view kType = "message";
    std::string_view room{}; ///< empty in a v1 echo
    std::uint64_t seq = 0;   ///< 0 in a v1 echo, as from a server that knows no v2
    std::string_view id{};
    std::string_view cid{}; ///< empty if it has none
    std::string_view sender;
    std::string_view user{};
    std::string_view username{};
    Content content;
    std::string_view timestamp;
    std::optional<Deletion> deleted{}; ///< its content is gone: it is the empty string
    bool operator==(const Message &) const = default;
};
/// An event of the room: a message is deleted.
struct Deleted
{
    static constexpr std::string_view kType = "deleted";
    std::string_view room;
    std::uint64_t seq = 0; ///< of the event
    std::string_view id;   ///< of the event
    std::uint64_t targetSeq = 0;
    std::string_view target; ///< the message's id
    std::string_view user;   ///< who deleted it
    std::string_view username;
    std::string_view timestamp;
    bool operator==(const Deleted &) const = default;
};
/// Only decoded, in `events`: of a type that this version does not know.
struct UnknownEvent
{
    std::string_view room; ///< empty if it names none
    std::uint64_t seq = 0;
    std::string_view id;
    bool operator==(const UnknownEvent &) const = default;
};
/// What has a place in a room's history.
using Event = std::variant<Message, Deleted, UnknownEvent>;
/// Why a position could not be resumed.
enum class SyncReason : std::uint8_t {
    TooOld,
    Epoch,
    Ahead,
    TooMany,
    Diverged,
    Unknown, ///< only decoded: a reason of a newer server; messages may be missing
};

struct Sync
{
    static constexpr std::string_view kType = "sync";
    std::string_view room;
    std::string_view epoch;
    std::uint64_t seq = 0; ///< the room's newest
    std::string_view
        id{}; ///< of the message with this seq; empty at seq 0, and from a server of an older version
    bool recovered = false;
    std::optional<SyncReason> reason{};
    std::vector<Event> events{}; ///< oldest first
    bool more = false;           ///< further pages follow by themselves
    bool operator==(const Sync &) const = default;
};
struct History
{
    static constexpr std::string_view kType = "history";
    std::optional<std::uint32_t> rid{};
    std::string_view room;
    std::string_view epoch;
    std::vector<Event> events{}; ///< ascending
    bool more = false;           ///< others exist that way; nothing follows unasked
    bool operator==(const History &) const = default;
};
struct UserUpdated
{
    static constexpr std::string_view kType = "user_updated";
    std::string_view room;
    std::string_view id;
    std::string_view username;
    bool operator==(const UserUpdated &) const = default;
};
struct Typing
{
    static constexpr std::string_view kType = "typing";
    std::string_view room;
    std::string_view id;
    std::string_view username;
    bool on = false;
    bool operator==(const Typing &) const = default;
};
struct RoomInfo
{
    std::string_view name;
    std::uint64_t count = 0;
    std::uint64_t seq = 0;
    bool operator==(const RoomInfo &) const = default;
};
struct Rooms
{
    static constexpr std::string_view kType = "rooms";
    std::optional<std::uint32_t> rid{};
    std::vector<RoomInfo> rooms{};
    bool more = false;
    bool operator==(const Rooms &) const = default;
};
struct Pong
{
    static constexpr std::string_view kType = "pong";
    std::optional<std::uint32_t> rid{};
    double t = 0;
    std::chrono::milliseconds serverTime{};
    bool operator==(const Pong &) const = default;
};
struct Reconnect
{
    static constexpr std::string_view kType = "reconnect";
    std::string_view reason; ///< shutdown, rebalance, overload
    std::chrono::milliseconds delay{};
    bool operator==(const Reconnect &) const = default;
};
struct ServerState
{
    static constexpr std::string_view kType = "server_state";
    std::string_view cluster; ///< ok, degraded
    bool operator==(const ServerState &) const = default;
};
/// What a moderator did to this client.
struct Moderated
{
    static constexpr std::string_view kType = "moderated";
    std::string_view action;                          ///< mute, unmute
    std::optional<std::string_view> room{};           ///< nullopt: in all rooms
    std::optional<std::chrono::milliseconds> until{}; ///< since 1970; nullopt: without an end
    std::optional<std::string_view> reason{};
    bool operator==(const Moderated &) const = default;
};
struct UserJoined ///< v1
{
    static constexpr std::string_view kType = "user_joined";
    std::string_view userId;
    std::string_view username;
    bool operator==(const UserJoined &) const = default;
};
struct UserLeft ///< v1
{
    static constexpr std::string_view kType = "user_left";
    std::string_view userId;
    std::string_view username;
    bool operator==(const UserLeft &) const = default;
};
struct RoomUserIds ///< v1's room_users
{
    static constexpr std::string_view kType = "room_users";
    std::vector<std::string_view> users{};
    bool truncated = false;
    bool operator==(const RoomUserIds &) const = default;
};
/// A type that this version does not know: to be ignored.
struct Unknown
{
    std::string_view type;
    bool operator==(const Unknown &) const = default;
};

using Any = std::variant<Connection, Ack, Error, RoomUsers, Presence, Message, Sync, History, UserUpdated,
                         Typing, Rooms, Pong, Reconnect, ServerState, UserJoined, UserLeft, RoomUserIds,
                         Deleted, Moderated, Unknown>;

} // namespace frame

/// The name of a sync's reason on the wire.
[[nodiscard]] std::string_view toString(frame::SyncReason reason);

} // namespace parlor
