// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/engine.h"
#include "server/engine/historyring.h"

#include <map>

namespace parlor {

/// One room: its order, its roster, its newest messages, and the ports that hear of it. No lock of its own;
/// the engine calls it under the room's lock, and all that it delivers is therefore in one order for every
/// port.
class Room
{
public:
    Room(RoomName name, std::string epoch)
        : m_name(std::move(name))
        , m_epoch(std::move(epoch))
    {
    }

    void enter(const Caller &caller, const EnterRequest &request);
    void catchUp(const Caller &caller, const SyncPage &last);
    void leave(const Caller &caller, RequestId rid, std::string_view reason);
    void suspend(const Caller &caller);
    void expire(const Caller &caller, std::string_view reason);
    /// `now`: since 1970.
    void publish(const Caller &caller, PublishRequest request, std::chrono::milliseconds now);
    void typing(const Caller &caller, bool on);
    void rename(const Caller &caller);
    void history(const Caller &caller, RequestId rid, const Engine::HistoryRange &range) const;
    void members(const Caller &caller, RequestId rid, const std::string &after, std::uint32_t limit) const;

    [[nodiscard]] const RoomName &name() const { return m_name; }
    [[nodiscard]] bool has(const Caller &caller) const
    {
        return m_roster.contains(caller.identity->clientId());
    }
    [[nodiscard]] std::uint64_t seq() const { return m_seq; }
    [[nodiscard]] std::uint64_t memberCount() const { return m_roster.size(); }
    [[nodiscard]] HistoryRing &ring() { return m_ring; }
    [[nodiscard]] const HistoryRing &ring() const { return m_ring; }

private:
    enum class Presence : std::uint8_t {
        CatchingUp, ///< has its place, and gets pages before it gets live messages
        Live,
        Suspended, ///< its connection is gone, its grace is running
    };
    struct Place
    {
        IdentityPtr identity;
        DeliveryPort *port = nullptr;
        std::uint64_t attachment = 0;
        Presence presence = Presence::Live;
    };
    struct Listener
    {
        DeliveryPort *port = nullptr;
        std::size_t members = 0;
    };
    using Roster = std::map<std::string, Place, std::less<>>;

    [[nodiscard]] SyncPage firstPage(const EnterRequest &request) const;
    [[nodiscard]] SyncPage pageAfter(std::uint64_t seq, bool recovered,
                                     std::optional<frame::SyncReason> reason) const;
    [[nodiscard]] SyncPage newestPage(std::optional<frame::SyncReason> reason, std::uint32_t limit) const;
    [[nodiscard]] std::vector<IdentityPtr> membersAfter(std::string_view after, std::uint32_t limit) const;
    [[nodiscard]] Place *place(const Caller &caller);

    void setPresence(Place &place, Presence presence);
    void remove(Roster::iterator at, std::string_view reason);
    void deliverToAll(const Delivery &event, const DeliveryPort *except = nullptr) const;

    RoomName m_name;
    std::string m_epoch;
    std::uint64_t m_seq = 0;
    HistoryRing m_ring;
    Roster m_roster; ///< by client id, for pages
    std::vector<Listener> m_listeners;
};

} // namespace parlor
