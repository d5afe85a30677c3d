// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/cluster.h"
#include "server/engine/history.h"
#include "server/engine/roster.h"

namespace parlor {

/// One room: a Roster and a History, and what their changes deliver. No lock of its own; the engine calls it
/// under the room's lock, and all that it delivers is therefore in one order for every port.
class Room
{
public:
    /// `cluster`: null if there are no other servers.
    Room(RoomName name, std::string epoch, History::Keeping keeping, Cluster *cluster = nullptr)
        : m_name(std::move(name))
        , m_cluster(cluster)
        , m_history(std::move(epoch), keeping)
    {
    }

    // ---- coming and going

    void enter(const Caller &caller, const EnterRequest &request);
    /// `entry` is what entryOf() said when the page was asked for: there is none for a session that has
    /// entered again.
    void catchUp(const Caller &caller, const SyncPage &last, std::uint64_t entry);
    void leave(const Caller &caller, RequestId rid);
    void suspend(const Caller &caller);
    void depart(const Caller &caller, Departure reason);
    void typing(const Caller &caller, bool on);
    void rename(const Caller &caller);
    void listMembers(const Caller &caller, RequestId rid, const std::string &after,
                     std::uint32_t limit) const;

    // ---- the same, on other servers

    /// All on these servers; null: on any.
    void setElsewhere(const std::vector<MemberElsewhere> &members, const std::vector<Ulid> *servers);
    void cameElsewhere(const MemberElsewhere &member);
    void wentElsewhere(const Ulid &server, const std::string &clientId, Departure reason);
    void serverLost(const Ulid &server);
    void typingElsewhere(const IdentityPtr &who, bool on);

    // ---- messages

    /// Adds the next message. Its deliveries are queued; their ports are to be notified.
    void add(const Caller &caller, PublishRequest request, HistoryRing::Entry entry, bool isDurable);
    /// The same, of somebody who does not wait for an answer here.
    void add(HistoryRing::Entry entry);
    /// The store's messages are others than those that were delivered: members begin anew.
    void diverge(StoredRoom now, frame::SyncReason reason);
    /// The publisher's answer; takes what it needs of the request.
    [[nodiscard]] static Delivery done(const Caller &caller, PublishRequest &&request,
                                       const History::Receipt &receipt);
    /// HistoryRead.
    void answerHistory(const Caller &caller, RequestId rid, SyncPage page) const;

    // ----

    [[nodiscard]] const RoomName &name() const { return m_name; }
    [[nodiscard]] const Roster &roster() const { return m_roster; }
    [[nodiscard]] const History &history() const { return m_history; }
    [[nodiscard]] History &history() { return m_history; }
    [[nodiscard]] bool isShared() const { return m_cluster != nullptr; }
    /// Names this stay of the caller's session; 0: it is not here, or has moved to another connection.
    [[nodiscard]] std::uint64_t entryOf(const Caller &caller) const;

private:
    void deliverToAll(const Delivery &event, const DeliveryPort *except = nullptr) const;
    [[nodiscard]] delivery::Published published(const HistoryRing::Entry &entry) const;

    RoomName m_name;
    Cluster *m_cluster;
    Roster m_roster;
    History m_history;
};

} // namespace parlor
