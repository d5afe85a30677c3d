// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/userplan.h"
#include "client-cli/load/run/door.h"
#include "client-cli/load/run/participation.h"
#include "client-cli/load/run/words.h"
#include "shared/client/backoff.h"

#include <span>

namespace parlor::cli::load {

/// One simulated person: comes, connects, joins its rooms, speaks when the plan says so, hears, waits at its
/// end for what it is still owed, and goes. With a profile's `life` it does so session after session, as long
/// as it is wanted. A connection that is lost ends its membership; it comes back with back-off, to a new one,
/// unless the settings say that it stays away. Owned by the run; one thread.
class User final : private ConnectionListener, private Door::Guest
{
public:
    /// All of these outlive it.
    User(std::uint32_t number, const UserPlan &plan, const Settings &settings, Timetable &timetable,
         Door &door, Speech &speech, Books &books);

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
        Queued,     ///< waits to be let in
        Connecting, ///< TCP and upgrade
        Greeting,   ///< waits for the server's first frame
        Joining,    ///< not all of its rooms yet
        Member,
        Settling, ///< waits for what it is owed
        Closing,
        Resting, ///< until it tries again
        GivenUp, ///< until its session is over: the server does not want it back, or the settings do not
    };

    // ---- connecting
    /// The door lets it in.
    bool connect() override;
    void onConnected() override;
    void onText(std::string_view text, Offset at) override;
    void onEnded(const ConnectionEnd &end) override;
    /// Of the server's addresses, the one that is tried now.
    void openConnection();
    /// Another one, at once, within the same attempt. False: all have been tried.
    [[nodiscard]] bool tryNextAddress();
    void missDeadline();
    /// The attempt to be a member has failed; another follows if it is still wanted.
    void failAttempt(const std::string &error);
    void loseConnection(const ConnectionEnd &end);
    void rest();
    void enter(State state);
    void queue();

    // ---- sessions
    void beginSession(Offset at, Offset life);
    void endSession(Offset now);
    /// The first attempt of a session to join has ended: it was in time, or what was due meanwhile was
    /// missed.
    void endArrival(Words::Arrival arrival);
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

    // ---- speaking
    void speak(Offset planned);
    /// `allowed`: since when it might be said. False: the server takes nothing more.
    bool say(Offset planned, Offset allowed);
    /// What waited for answers may be said, as far as there are some: until the server takes nothing more.
    void speakOn(Offset now);
    [[nodiscard]] std::uint64_t unanswered() const;

    void countError(const std::string &what) { m_books.countError(what); }
    void appoint(Appointment::Kind kind, Offset at, std::uint32_t ticket);

    const std::uint32_t m_number;
    const UserPlan &m_plan;
    const Settings &m_settings;
    const Profile &m_profile;
    Timetable &m_timetable;
    Door &m_door;
    Speech &m_speech;
    Books &m_books;

    State m_state = State::Away;
    bool m_isWanted = false;
    bool m_isArriving = false;     ///< its session's first attempt to join is under way
    bool m_cameBack = false;       ///< its membership follows one that was lost
    std::uint32_t m_session = 0;   ///< since the run began; the ticket of its end
    std::uint32_t m_speaking = 0;  ///< the ticket of what it says
    std::uint32_t m_deadlines = 0; ///< the ticket of its state's
    std::size_t m_address = 0;     ///< its place in the book
    std::size_t m_tried = 0;       ///< addresses, in this attempt
    std::size_t m_turn = 0;        ///< of its rooms, the one that its next word goes to
    std::string m_chat;            ///< that the present server names
    Offset m_since{};              ///< of the connection's or the join's beginning
    std::optional<std::chrono::milliseconds> m_advisedDelay;
    Backoff m_backoff;
    Lastings m_lives;
    Words m_words;
    WebSocketClient m_connection;
    std::vector<Participation> m_parts;
};

} // namespace parlor::cli::load
