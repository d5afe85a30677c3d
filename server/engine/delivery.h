// SPDX-License-Identifier: MIT
#pragma once

#include "server/moderation/sanctions.h"
#include "shared/protocol/messages.h"
#include "shared/protocol/result.h"
#include "shared/protocol/sharedbytes.h"
#include "shared/protocol/ulid.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What an engine sends to the workers: answers for one session, events for the members of a room. Each
/// worker gets them, room by room, in the order in which the engine made them.
namespace parlor {

/// Names a session within its worker. Never used again once its session is gone.
struct SessionKey
{
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    bool operator==(const SessionKey &) const = default;
};

/// Who is behind a session. Immutable: a new name makes a new one. Somebody who has not said who they are is
/// called by the client id alone, which is then kept once: there are many of those.
class Identity
{
public:
    explicit Identity(std::string clientId)
        : m_clientId(std::move(clientId))
    {
    }
    Identity(std::string clientId, std::string user, std::string username)
        : m_clientId(std::move(clientId))
    {
        if (user != m_clientId || username != m_clientId)
            m_names = std::make_unique<const Names>(Names{std::move(user), std::move(username)});
    }

    [[nodiscard]] const std::string &clientId() const { return m_clientId; }
    [[nodiscard]] const std::string &user() const { return m_names ? m_names->user : m_clientId; }
    [[nodiscard]] const std::string &username() const { return m_names ? m_names->username : m_clientId; }
    [[nodiscard]] Member member() const { return {clientId(), user(), username()}; }
    [[nodiscard]] Identity renamed(std::string username) const
    {
        return {clientId(), user(), std::move(username)};
    }

private:
    struct Names
    {
        std::string user;
        std::string username;
    };
    std::string m_clientId;
    std::unique_ptr<const Names> m_names;
};
using IdentityPtr = std::shared_ptr<const Identity>;

/// A room's name, shared by all that speak of it.
using RoomName = std::shared_ptr<const std::string>;

class DeliveryPort;

/// On whose behalf a request is made.
struct Caller
{
    DeliveryPort *port = nullptr;
    SessionKey session;
    IdentityPtr identity;
    /// Tells the connections of one session apart: see Engine::nextAttachment(). 0: nobody can resume it.
    std::uint64_t attachment = 0;
    enum class Kind : std::uint8_t {
        Session,
        Server, ///< the server itself: it is in no room, and may act in each
    };
    Kind kind = Kind::Session;
};

/// Why a session is in a room no more.
enum class Departure : std::uint8_t {
    Left,    ///< asked to leave, or went to another room
    Closed,  ///< ended its session
    Lost,    ///< was gone for longer than the grace
    Removed, ///< was put out by the server
};

/// Where a message stands in its room. The id proves that it is the message that is meant.
struct MessagePlace
{
    std::uint64_t seq = 0; ///< 0: before the first message
    Ulid id{};             ///< null at seq 0, and where a store of an older version did not keep it
    bool operator==(const MessagePlace &) const = default;
};

using RequestId = std::optional<std::uint32_t>;

struct EnterRequest
{
    std::string room;
    RequestId rid{};
    struct Since
    {
        std::string epoch;
        std::uint64_t seq = 0;
        std::string id{}; ///< of the message with this seq; empty: the client does not know it
    };
    std::optional<Since> since{};
    std::uint32_t history = 0;
    bool mayMake = true;        ///< a room in which nobody is, and in which nothing was ever said
    bool announceAgain = false; ///< v1: joining the room one is in is told to all once more
    std::optional<std::string>
        leave{}; ///< v1: the room to leave, once it is sure that this one can be entered
};

struct PublishRequest
{
    RoomName room;
    RequestId rid{};
    Ulid id;               ///< the message's, if it is a new one
    std::string cid{};     ///< empty: no idempotency (v1)
    std::string content{}; ///< as JSON
    /// v1: the room is entered between the completion and the broadcast.
    std::shared_ptr<const EnterRequest> enterFirst{};
    struct Erasure
    {
        MessagePlace target;         ///< the message
        bool mayEraseOthers = false; ///< what others than the caller's user have said
    };
    /// A deletion: it takes the way of a message, and has neither cid nor content.
    std::optional<Erasure> erasure{};
    /// Since the user's last message in the room; 0: any. Sooner it is rate_limited.
    std::chrono::milliseconds interval{};
};

/// To delete a message.
struct EraseRequest
{
    std::string room;
    RequestId rid{};
    Ulid id{}; ///< the event's, unless the message is deleted already
    PublishRequest::Erasure erasure{};
};

/// A page of messages, as encoded frames, oldest first.
struct SyncPage
{
    std::string epoch;
    MessagePlace top; ///< the room's newest
    bool recovered = false;
    std::optional<frame::SyncReason> reason{};
    std::vector<SharedBytes> events{};
    bool more = false;
    std::uint64_t lastSeq = 0; ///< of the page's last event: where the next one begins
};

namespace delivery {

/// An event for all members of a room.
struct Published
{
    RoomName room;
    SharedBytes frame;
    std::chrono::milliseconds taken{}; ///< when a server had read it, since 1970
    bool isMessage = true;             ///< v1 members are told of nothing else
};
/// The publisher's answer; it comes before the Published of the same message.
struct PublishDone
{
    struct Receipt
    {
        Ulid id;
        std::uint64_t seq = 0;
        std::chrono::milliseconds time{}; ///< since 1970
        bool duplicate = false;
        bool durable = false;
    };
    SessionKey session;
    RequestId rid{};
    RoomName room;
    std::string cid;
    std::string content; ///< as JSON
    Receipt receipt;
};
/// The answer to a deletion; it comes before the Published of the event.
struct EraseDone
{
    SessionKey session;
    RequestId rid{};
    RoomName room;
    Ulid target;                  ///< the message
    PublishDone::Receipt receipt; ///< of the event; a duplicate: the message was deleted by it before
};
/// The room's messages are not those that its members were told. They begin anew with this page, those who
/// are catching up, too: all of them are live from here on.
struct Diverged
{
    RoomName room;
    std::vector<IdentityPtr> members; ///< at most limits::kMembersPage
    std::uint64_t count = 0;
    SyncPage page;
};
/// Whether the servers of the chat reach each other. For all sessions.
struct ClusterState
{
    bool isReachable = true;
};
/// What moderators have imposed, from now on. For all sessions.
struct SanctionsChanged
{
    SanctionsPtr sanctions; ///< never null
};
/// All connections of a user end. For all sessions.
struct Kicked
{
    std::string user;
    Rank rank = Rank::Moderator; ///< those whom it does not reach stay
    std::string reason{};
};
/// The act is done; what follows from it may come a moment later.
struct Moderated
{
    SessionKey session;
    RequestId rid{};
    Act act;
};
/// Somebody came to a room or went.
struct PresenceChanged
{
    enum class What : std::uint8_t { Joined, Left, JoinedAgain };
    RoomName room;
    IdentityPtr who;
    What what = What::Joined;
    Departure reason = Departure::Left; ///< of What::Left
    std::uint64_t count = 0;
};
/// The session is a member from here on: what follows in this inbox is live. With `page.more` it is not yet
/// live.
struct Entered
{
    SessionKey session;
    IdentityPtr who;
    RequestId rid{};
    RoomName room;
    std::vector<IdentityPtr> members; ///< at most limits::kMembersPage
    std::uint64_t count = 0;
    SyncPage page;
    /// What the other ports are told by a PresenceChanged; here it must come between the joining and its
    /// answer.
    std::optional<PresenceChanged::What> announced{};
    std::uint64_t attachment = 0; ///< the caller's
};
/// A further page for a session that is catching up; without `page.more` it is live from here on.
struct CaughtUp
{
    SessionKey session;
    RoomName room;
    std::vector<IdentityPtr> members;
    std::uint64_t count = 0;
    SyncPage page;
};
/// The next page cannot be read at present. It comes later; others need not wait for it.
struct PageDelayed
{
    SessionKey session;
    RoomName room;
};
/// The session is no member any more.
struct Left
{
    SessionKey session;
    RoomName room;
    RequestId rid{};
};
struct TypingChanged
{
    RoomName room;
    IdentityPtr who;
    bool on = false;
};
struct Renamed
{
    RoomName room;
    IdentityPtr who;
};
struct HistoryRead
{
    SessionKey session;
    RequestId rid{};
    RoomName room;
    SyncPage page;
};
struct MembersListed
{
    SessionKey session;
    RequestId rid{};
    RoomName room;
    std::vector<IdentityPtr> members;
    std::uint64_t count = 0;
    bool truncated = false;
};
struct RoomsListed
{
    struct Entry
    {
        std::string name;
        std::uint64_t count = 0;
        std::uint64_t seq = 0;
    };
    SessionKey session;
    RequestId rid{};
    std::vector<Entry> rooms;
    bool more = false;
};
/// The request failed; nothing changed.
struct Refused
{
    SessionKey session;
    RequestId rid{};
    Error error;
    std::string room{};
    std::string cid{};
    bool entering = false; ///< an EnterRequest failed
};
/// A newer connection has this session.
struct Replaced
{
    SessionKey session;
};

} // namespace delivery

using Delivery =
    std::variant<delivery::Published, delivery::PublishDone, delivery::EraseDone, delivery::Entered,
                 delivery::CaughtUp, delivery::PageDelayed, delivery::Left, delivery::PresenceChanged,
                 delivery::TypingChanged, delivery::Renamed, delivery::HistoryRead, delivery::MembersListed,
                 delivery::RoomsListed, delivery::Refused, delivery::Replaced, delivery::Diverged,
                 delivery::ClusterState, delivery::SanctionsChanged, delivery::Kicked, delivery::Moderated>;

/// A worker's inbox, as an engine sees it. Any thread; must not block: it is called under a room's lock.
class DeliveryPort
{
public:
    virtual void deliver(Delivery delivery) = 0;
    /// As deliver(), but it may wait until somebody calls notify(): so that many together wake a worker once.
    virtual void queue(Delivery delivery) { deliver(std::move(delivery)); }
    virtual void notify() {}

protected:
    ~DeliveryPort() = default;
};

} // namespace parlor
