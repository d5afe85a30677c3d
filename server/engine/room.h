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
    enum class Keeping : std::uint8_t {
        InMemory, ///< what falls out of the ring is gone
        InStore,  ///< the ring has the newest of what a store keeps
    };

    Room(RoomName name, std::string epoch, Keeping keeping)
        : m_name(std::move(name))
        , m_epoch(std::move(epoch))
        , m_keeping(keeping)
    {
    }

    void enter(const Caller &caller, const EnterRequest &request);
    /// `entry` is what entryOf() said when the page was asked for: there is none for a session that has
    /// entered again.
    void catchUp(const Caller &caller, const SyncPage &last, std::uint64_t entry);
    void leave(const Caller &caller, RequestId rid, std::string_view reason);
    void suspend(const Caller &caller);
    void expire(const Caller &caller, std::string_view reason);
    void typing(const Caller &caller, bool on);
    void rename(const Caller &caller);
    void members(const Caller &caller, RequestId rid, const std::string &after, std::uint32_t limit) const;

    // ---- messages

    using Receipt = delivery::PublishDone::Receipt;
    /// If the message is here already.
    [[nodiscard]] std::optional<Receipt> receiptFor(const Caller &caller,
                                                    const PublishRequest &request) const;
    /// The publisher's answer; takes what it needs of the request.
    [[nodiscard]] static delivery::PublishDone done(const Caller &caller, PublishRequest &&request,
                                                    const Receipt &receipt);
    /// What a message will be in a room's history. `now`: since 1970.
    [[nodiscard]] static HistoryRing::Entry compose(const std::string &room, const Caller &caller,
                                                    const PublishRequest &request, std::uint64_t seq,
                                                    std::chrono::milliseconds now);
    /// Adds the next message. Its deliveries are queued; their ports are to be notified.
    void add(const Caller &caller, PublishRequest request, HistoryRing::Entry entry);
    /// Calls `use(DeliveryPort *)` for each port that hears of the room.
    template <typename Use>
    void forEachPort(Use &&use) const
    {
        for (const Listener &listener : m_listeners)
            use(listener.port);
    }

    void history(const Caller &caller, RequestId rid, const Engine::HistoryRange &range) const;

    // ---- what a store has beyond the ring

    struct Past
    {
        std::string epoch{};
        std::uint64_t seq = 0;
        std::uint64_t oldest = 1;      ///< of the messages that are kept; seq + 1 if none is
        HistoryRing::Stretch newest{}; ///< up to seq
    };
    /// Before anything else.
    void restore(Past past);

    /// Messages that an answer needs and that are only in the store: those after or before a number.
    struct Missing
    {
        std::optional<std::uint64_t> after{};
        std::optional<std::uint64_t> before{};
        std::uint64_t top = 0; ///< of the room, when it was asked for
    };
    [[nodiscard]] std::optional<Missing> missingFor(const EnterRequest &request) const;
    [[nodiscard]] std::optional<Missing> missingFor(const Caller &caller, const SyncPage &last,
                                                    std::uint64_t entry) const;
    [[nodiscard]] std::optional<Missing> missingFor(const Engine::HistoryRange &range) const;
    /// What was read for a Missing.
    void complete(const Missing &missing, HistoryRing::Stretch found);
    /// The answer, from what was read for its Missing.
    void history(const Caller &caller, RequestId rid, const Engine::HistoryRange &range,
                 HistoryRing::Stretch found) const;
    /// The store has messages up to this one that nobody here has heard.
    void passOver(std::uint64_t seq);
    /// The store has dropped what is older.
    void forgetBefore(std::uint64_t seq);

    // ----

    [[nodiscard]] const RoomName &name() const { return m_name; }
    [[nodiscard]] const std::string &epoch() const { return m_epoch; }
    [[nodiscard]] bool has(const Caller &caller) const
    {
        return m_roster.contains(caller.identity->clientId());
    }
    /// Names this stay of the caller's session; 0: it is not here, or has moved to another connection.
    [[nodiscard]] std::uint64_t entryOf(const Caller &caller) const;
    [[nodiscard]] std::uint64_t seq() const { return m_seq; }
    [[nodiscard]] std::uint64_t memberCount() const { return m_roster.size(); }
    /// Members whose connection is there: the others' grace is running.
    [[nodiscard]] std::uint64_t connectedCount() const { return m_connected; }

    // ---- memory

    [[nodiscard]] std::size_t bytes() const { return m_ring.bytes() + (m_run ? m_run->bytes() : 0); }
    /// When the oldest message in memory was made.
    [[nodiscard]] std::optional<std::chrono::milliseconds> oldestTime() const;
    /// From memory.
    void dropOldest();

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
        std::uint64_t entry = 0;
        Presence presence = Presence::Suspended;
    };
    struct Listener
    {
        DeliveryPort *port = nullptr;
        std::size_t members = 0;
    };
    using Roster = std::map<std::string, Place, std::less<>>;

    [[nodiscard]] std::optional<frame::SyncReason> whyNot(const EnterRequest::Since &since) const;
    [[nodiscard]] SyncPage firstPage(const EnterRequest &request) const;
    [[nodiscard]] SyncPage pageAfter(std::uint64_t seq, bool recovered,
                                     std::optional<frame::SyncReason> reason) const;
    [[nodiscard]] SyncPage newestPage(std::optional<frame::SyncReason> reason, std::uint32_t limit) const;
    [[nodiscard]] std::optional<Missing> missingAfter(std::uint64_t seq) const;
    [[nodiscard]] std::optional<Missing> missingNewest(std::uint32_t limit) const;
    [[nodiscard]] std::uint64_t oldest() const;
    [[nodiscard]] bool remembers(std::uint64_t seq) const;
    void dropUnannounced(HistoryRing::Stretch &found) const;
    void answerHistory(const Caller &caller, RequestId rid, const Engine::HistoryRange &range,
                       HistoryRing::Page page) const;

    [[nodiscard]] std::vector<IdentityPtr> membersAfter(std::string_view after, std::uint32_t limit) const;
    [[nodiscard]] Place *place(const Caller &caller);
    [[nodiscard]] const Place *place(const Caller &caller) const;

    void setPresence(Place &place, Presence presence);
    void remove(Roster::iterator at, std::string_view reason);
    void deliverToAll(const Delivery &event, const DeliveryPort *except = nullptr) const;

    RoomName m_name;
    std::string m_epoch;
    Keeping m_keeping;
    std::uint64_t m_seq = 0;
    std::uint64_t m_oldest = 1; ///< in the store
    HistoryRing m_ring;
    std::unique_ptr<HistoryRing> m_run; ///< older ones, read for whoever catches up; a hole may follow
    Roster m_roster;                    ///< by client id, for pages
    std::uint64_t m_connected = 0;      ///< of the roster
    std::uint64_t m_lastEntry = 0;
    std::vector<Listener> m_listeners;
};

} // namespace parlor
