// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/userplan.h"
#include "client-cli/load/run/speaker.h"

#include <span>

namespace parlor::cli::load {

/// One simulated person: comes, connects, joins its rooms, speaks when the plan says so, hears, waits at its
/// end for what it is still owed, and goes. With a profile's `life` it does so session after session, as long
/// as it is wanted. A connection that is lost ends its membership; it comes back with back-off, to a new one,
/// unless the settings say that it stays away. Owned by the run; one thread.
class User final : private Connector::Listener
{
public:
    /// All of these outlive it.
    User(std::uint32_t number, const UserPlan &plan, const UserContext &context);

    void come(Offset at);
    /// Speaks no more, and leaves when all that it is owed is here, or the drain is over.
    void go(Offset now);
    void keepAppointment(const Appointment &appointment);
    /// If it goes: whether there is nothing to wait for any more.
    void leaveIfSettled();
    /// Ends at once; what is missing counts as not waited for.
    void breakOff();

    /// One for each of its rooms.
    [[nodiscard]] std::span<const Participation> parts() const { return m_parts; }

private:
    enum class State : std::uint8_t {
        Away,
        Connecting, ///< or waiting to try
        Greeting,   ///< waits for the server's first frame
        Joining,    ///< not all of its rooms yet
        Member,
        Settling, ///< waits for what it is owed
        Closing,
        GivenUp, ///< until its session is over: the server does not want it back, or the settings do not
    };

    // ---- its connection
    void onOpened() override { enter(State::Greeting); }
    void onText(std::string_view text, Offset at) override;
    void onNotOpened() override;
    void onLate() override;
    void onEnded(const ConnectionEnd &end) override;
    void connect();
    void failJoin(const std::string &why);
    void loseConnection(const ConnectionEnd &end);
    /// Connects again, after a while, if it is still wanted.
    void retry();
    void enter(State state);

    // ---- sessions
    void beginSession(Offset at, Offset life);
    void endSession(Offset now);
    /// The first attempt of a session to join has ended: it was in time, or what was due meanwhile was
    /// missed.
    void endArrival(Words::Arrival arrival);
    /// Where it may speak, while it is wanted.
    [[nodiscard]] Speaker::Place place() const;
    void endParts(Ending ending);
    void leave();

    // ---- what the server says
    void on(const event::Nothing &, Offset) {}
    void on(const Delivery &delivery, Offset at);
    void on(const event::Answered &answered, Offset at);
    void on(const event::Greeted &greeted, Offset at);
    void on(const event::Joined &joined, Offset at);
    void on(const event::Refused &refused, Offset at);
    void on(const event::JoinRefused &refused, Offset at);
    void on(const event::SentAway &sent, Offset at);
    void on(const event::Counted &, Offset);
    void on(const event::Malformed &, Offset);
    void becomeMember(Offset at);
    void restart(Participation &part, const event::Joined &joined, Offset at);
    /// What a numbering is known by: servers on copies of one store have its epoch, and are apart by their
    /// chat.
    [[nodiscard]] Standing standing(const Standing &said) const;
    /// Its part in the room that the server names, or, if it names none, its only one. nullptr: it has none.
    [[nodiscard]] Participation *partIn(std::string_view room);
    /// Its part in the room that a message was for. Where the error names none, of those with such a message
    /// the one that has waited longest: a server answers in order. nullptr: it is none of these.
    [[nodiscard]] Participation *partOf(const event::Refused &refused);
    [[nodiscard]] ReadMode readMode() const;

    [[nodiscard]] const Settings &settings() const { return m_context.settings; }
    [[nodiscard]] const Profile &profile() const { return settings().profiles[m_plan.profile]; }
    [[nodiscard]] Books &books() { return m_context.books; }
    [[nodiscard]] Offset now() const { return m_context.timetable.now(); }
    void appoint(Appointment::Kind kind, Offset at, std::uint32_t ticket);

    const UserContext &m_context;
    const UserPlan &m_plan;
    const std::uint32_t m_number;
    std::uint32_t m_session = 0;   ///< since the run began; the ticket of its end
    std::uint32_t m_deadlines = 0; ///< the ticket of its state's
    State m_state = State::Away;
    bool m_isWanted = false;
    bool m_isArriving = false;          ///< its session's first attempt to join is under way
    bool m_cameBack = false;            ///< its membership follows one that was lost
    std::string_view m_server;          ///< the present one, for people; kept by the books
    std::string_view m_chat;            ///< that it names; kept by the books
    Histogram *m_hostLatency = nullptr; ///< of the present server; kept by the books; there since a greeting
    Offset m_joinSent{};
    Connector m_connector;
    Lastings m_lives;
    std::vector<Participation> m_parts;
    std::unique_ptr<Speaker> m_speaker; ///< of one who speaks
};

} // namespace parlor::cli::load
