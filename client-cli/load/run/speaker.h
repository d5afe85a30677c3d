// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/run/participation.h"
#include "client-cli/load/run/words.h"

#include <span>

namespace parlor::cli::load {

/// Says what one user has to say: each of its words when it is due, in one of the user's rooms after the
/// other. Owned by a user who speaks; one thread.
class Speaker
{
public:
    /// `context`, the parts (one at least) and the connector outlive it.
    Speaker(std::uint32_t user, const Profile &profile, const UserContext &context,
            std::span<Participation> parts, Connector &connector);

    /// The user's n-th session begins, from 1.
    void beginSession(Offset at, std::uint32_t session);
    /// Nothing more is said in this one.
    void endSession();
    /// The first attempt of a session to join has ended.
    void endArrival(Words::Arrival arrival) { m_words.endArrival(arrival); }
    /// The user is in its rooms, for the first time or again.
    void joinRooms(Offset at);
    /// The connection was lost: what waited for answers is never said.
    void leaveRooms();

    enum class Place : std::uint8_t {
        InRooms,
        Arriving, ///< for the first time in its session
        Outside,
    };
    /// One of kind Speak.
    void keepAppointment(const Appointment &appointment, Place place);
    /// One of its messages was answered: what waited for it may be said. In a closed model the next word is
    /// due after `pause` at the earliest.
    void speakOn(Offset now, Offset pause = {});

private:
    void appoint(Offset at);
    /// `allowed`: since when it might be said. False: the server takes nothing more.
    bool say(Offset planned, Offset allowed);
    [[nodiscard]] std::uint64_t unanswered() const;

    const UserContext &m_context;
    std::span<Participation> m_parts;
    Connector &m_connector;
    Words m_words;
    std::uint32_t m_user;
    std::uint32_t m_ticket = 0; ///< of its next word
    std::size_t m_turn = 0;     ///< of its rooms, the one that its next word goes to
};

} // namespace parlor::cli::load
