// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/run/participation.h"
#include "shared/client/backoff.h"

namespace parlor::cli::load {

/// One simulated person: comes, connects, joins a room, speaks when the plan says so, hears, waits at its end
/// for what it is still owed, and goes. A connection that is lost ends its membership; it comes back with
/// back-off, to a new one. Owned by the run; one thread.
class User final : private ConnectionListener
{
public:
    User(std::uint32_t number, std::uint16_t room, Surroundings &surroundings);

    void come(Offset now);
    /// Speaks no more, and leaves when all that it is owed is here, or the drain is over.
    void go(Offset now);
    /// The connect queue lets it in.
    void connect();
    void keepAppointment(const Appointment &appointment);
    /// If it goes: whether there is nothing to wait for any more.
    void leaveIfSettled();
    /// Ends at once; what is missing counts as not waited for.
    void breakOff();

    [[nodiscard]] const Participation &participation() const { return m_part; }
    [[nodiscard]] std::uint16_t room() const { return m_room; }

private:
    enum class State : std::uint8_t {
        Away,
        Queued,     ///< waits to be let in
        Connecting, ///< TCP and upgrade
        Greeting,   ///< waits for the server's first frame
        Joining,
        Member,
        Settling, ///< waits for what it is owed
        Closing,
        Resting, ///< until it tries again
        GivenUp, ///< the server does not want it back
    };

    void restart(const event::Joined &joined, Offset at);
    /// What a numbering is known by: servers on copies of one store have its epoch, and are apart by their
    /// chat.
    [[nodiscard]] Standing standing(const Standing &said) const;

    enum class Arrival : std::uint8_t { Joined, Failed };

    void onConnected() override;
    void onText(std::string_view text, Offset at) override;
    void onEnded(const ConnectionEnd &end) override;

    void on(const event::Nothing &, Offset) {}
    void on(const Delivery &delivery, Offset at);
    void on(const event::Answered &answered, Offset at);
    void on(const event::Greeted &greeted, Offset at);
    void on(const event::Joined &joined, Offset at);
    void on(const event::Refused &refused, Offset at);
    void on(const event::JoinRefused &refused, Offset at);
    void on(const event::SentAway &sent, Offset at);
    void on(const event::Malformed &, Offset);

    void enter(State state);
    void speak(Offset planned);
    /// The first attempt of a visit has ended: it was in time, or what was due meanwhile was missed.
    void endArrival(Arrival arrival);
    void leave();
    /// The attempt to be a member has failed; another follows if it is still wanted.
    void failAttempt(const std::string &error);
    /// Of the server's addresses, the one that is tried now.
    void openConnection();
    /// Another one, at once, within the same attempt. False: all have been tried.
    [[nodiscard]] bool tryNextAddress();
    void rest();
    void countError(const std::string &what) { ++m_all.measurements.errors[what]; }
    void appoint(Appointment::Kind kind, Offset at);

    std::uint32_t m_number;
    std::uint16_t m_room;
    State m_state = State::Away;
    bool m_isWanted = false;
    bool m_cameBack = false;    ///< its membership follows one that was lost
    std::uint32_t m_visit = 0;  ///< the ticket of what it says
    std::uint32_t m_ticket = 0; ///< of its state's deadlines
    std::size_t m_address = 0;  ///< its place in the book
    std::size_t m_tried = 0;    ///< addresses, in this attempt
    std::uint64_t m_words = 0;  ///< planned in this visit
    SpeakingTimes m_times;
    bool m_isArriving = false;        ///< its visit's first attempt to join is under way
    std::vector<Offset> m_earlyWords; ///< due meanwhile
    std::string m_chat;               ///< that the present server names
    Offset m_since{};                 ///< of the connection's or the join's beginning
    std::optional<std::chrono::milliseconds> m_advisedDelay;
    Surroundings &m_all;
    Backoff m_backoff;
    WebSocketClient m_connection;
    Participation m_part;
};

} // namespace parlor::cli::load
