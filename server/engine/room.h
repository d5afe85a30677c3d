// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/history.h"
#include "server/engine/roster.h"

namespace parlor {

/// One room: a Roster and a History, and what their changes deliver. No lock of its own; the engine calls it
/// under the room's lock, and all that it delivers is therefore in one order for every port.
class Room
{
public:
    Room(RoomName name, std::string epoch, History::Keeping keeping)
        : m_name(std::move(name))
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

    // ---- messages

    /// Adds the next message. Its deliveries are queued; their ports are to be notified.
    void add(const Caller &caller, PublishRequest request, HistoryRing::Entry entry);
    /// The publisher's answer; takes what it needs of the request.
    [[nodiscard]] static delivery::PublishDone done(const Caller &caller, PublishRequest &&request,
                                                    const History::Receipt &receipt);
    /// HistoryRead.
    void answerHistory(const Caller &caller, RequestId rid, SyncPage page) const;

    // ----

    [[nodiscard]] const RoomName &name() const { return m_name; }
    [[nodiscard]] const Roster &roster() const { return m_roster; }
    [[nodiscard]] const History &history() const { return m_history; }
    [[nodiscard]] History &history() { return m_history; }
    /// Names this stay of the caller's session; 0: it is not here, or has moved to another connection.
    [[nodiscard]] std::uint64_t entryOf(const Caller &caller) const;

private:
    void deliverToAll(const Delivery &event, const DeliveryPort *except = nullptr) const;

    RoomName m_name;
    Roster m_roster;
    History m_history;
};

} // namespace parlor
