// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/history.h"

#include <functional>
#include <string>
#include <vector>

namespace parlor {

/// Somebody who is in a room on another server.
struct MemberElsewhere
{
    Ulid server; ///< one run of a server
    IdentityPtr who;
};

/// The other servers of a chat, as this one knows them: tells them who is here, and hears who is there. A
/// store that servers share has it. Requests come from any thread, under a room's lock, and never wait; they
/// leave with the store's next flush().
class Cluster
{
public:
    /// Who hears of the others: the engine. On the store's thread.
    class Listener
    {
    public:
        /// The room's next message; its sender is not waiting here.
        virtual void onAnnounced(const std::string &room, HistoryRing::Entry entry) = 0;
        /// The room's messages are not those that were told here: this is what they are.
        virtual void onDiverged(const std::string &room, StoredRoom now, frame::SyncReason reason) = 0;
        /// All who are in the room on these servers, or, with null, on any. Others have gone with a server
        /// that is lost.
        virtual void onRosterElsewhere(const std::string &room, const std::vector<MemberElsewhere> &members,
                                       const std::vector<Ulid> *servers) = 0;
        /// Came, or has another name.
        virtual void onCameElsewhere(const std::string &room, const MemberElsewhere &member) = 0;
        virtual void onWentElsewhere(const std::string &room, const Ulid &server, const std::string &clientId,
                                     Departure reason) = 0;
        virtual void onServerLost(const std::string &room, const Ulid &server) = 0;
        virtual void onTypingElsewhere(const std::string &room, const IdentityPtr &who, bool on) = 0;
        /// The session has a newer connection, to another server.
        virtual void onTakenOver(const std::string &clientId) = 0;
        /// Whether the session has a connection here.
        [[nodiscard]] virtual bool isHere(const std::string &clientId) const = 0;
        /// Whether the servers reach each other.
        virtual void onReachable(bool isReachable) = 0;
        /// What was said since the last time can be delivered together.
        virtual void onTurnOver() = 0;

    protected:
        ~Listener() = default;
    };

    /// Before all other requests, and before the store's start().
    virtual void listen(Listener &listener) = 0;
    /// Is in the room here, or has another name.
    virtual void came(const RoomName &room, const IdentityPtr &who) = 0;
    virtual void went(const RoomName &room, const IdentityPtr &who, Departure reason) = 0;
    virtual void typing(const RoomName &room, const IdentityPtr &who, bool on) = 0;
    /// Calls `then` on the store's thread once all that was said in the room before this call has been told;
    /// false: that could not be read. For a room that stays in memory meanwhile.
    virtual void bringUpToDate(const RoomName &room, std::function<void(bool isRead)> then) = 0;
    /// The session is here now: it has no connection to any other server.
    virtual void takeOver(const IdentityPtr &who) = 0;

protected:
    ~Cluster() = default;
};

} // namespace parlor
