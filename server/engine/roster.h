// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/cluster.h"

#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace parlor {

/// Who is in a room, here or on another server, and which ports hear of it: those with a live member. Whoever
/// is in it twice, while the session moves, counts once. No lock of its own: its Room's.
class Roster
{
public:
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
        std::uint64_t entry = 0; ///< names this stay
        Presence presence = Presence::Suspended;
    };
    enum class Came : std::uint8_t {
        New,
        Again,
        AgainRenamed, ///< under another name than before
    };

    /// Gives the caller a place, or renews its place. nullopt: a newer connection of its session has it.
    [[nodiscard]] std::optional<Came> enter(const Caller &caller, Presence presence);
    /// The caller's place, if it is this connection's and no newer one's.
    [[nodiscard]] const Place *find(const Caller &caller) const;
    void setPresence(const Caller &caller, Presence presence);
    /// The caller has another name. False: it has no place.
    [[nodiscard]] bool rename(const Caller &caller);
    /// Takes the caller's place away. Null: it has none.
    [[nodiscard]] IdentityPtr remove(const Caller &caller);
    /// Whoever catches up is live from now on.
    void makeAllLive();

    struct Elsewhere
    {
        Came came;
        IdentityPtr
            moved; ///< had a place here without a connection, and has it no longer: it came back there
    };
    /// Has a place on another server, or another name there.
    [[nodiscard]] Elsewhere enterElsewhere(const MemberElsewhere &member);
    /// Takes that place away. Null: there is none, or the session is in the room still.
    [[nodiscard]] IdentityPtr removeElsewhere(const Ulid &server, const std::string &clientId);
    [[nodiscard]] bool isElsewhere(const std::string &clientId) const
    {
        return m_elsewhere.contains(clientId);
    }
    [[nodiscard]] std::vector<MemberElsewhere> elsewhere() const;

    [[nodiscard]] bool contains(const Caller &caller) const
    {
        return m_places.contains(caller.identity->clientId());
    }
    /// Those with a greater client id, by client id.
    [[nodiscard]] std::vector<IdentityPtr> after(std::string_view clientId, std::uint32_t limit) const;
    /// Whether there are others behind the last one of these.
    [[nodiscard]] bool hasMoreThan(const std::vector<IdentityPtr> &members) const;
    [[nodiscard]] std::uint64_t size() const { return m_places.size() + m_onlyElsewhere; }
    /// Those with a place here.
    [[nodiscard]] std::uint64_t placeCount() const { return m_places.size(); }
    /// Members whose connection is there: the others' grace is running.
    [[nodiscard]] std::uint64_t connectedCount() const { return m_connected; }
    /// Calls `use(DeliveryPort *)` for each port that hears of the room.
    template <typename Use>
    void forEachPort(Use &&use) const
    {
        for (const Listener &listener : m_listeners)
            use(listener.port);
    }

private:
    struct Listener
    {
        DeliveryPort *port = nullptr;
        std::size_t members = 0;
    };

    [[nodiscard]] Place *findMutable(const Caller &caller);
    void change(Place &place, Presence presence);

    using Places = std::map<std::string, Place, std::less<>>;
    void erase(Places::iterator at);

    Places m_places;                                                              ///< by client id, for pages
    std::map<std::string, std::vector<MemberElsewhere>, std::less<>> m_elsewhere; ///< the same
    std::uint64_t m_onlyElsewhere = 0; ///< of these, those without a place here
    std::uint64_t m_connected = 0;
    std::uint64_t m_lastEntry = 0;
    std::vector<Listener> m_listeners;
};

} // namespace parlor
