// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/accounting/pendingsends.h"
#include "client-cli/load/run/surroundings.h"

namespace parlor::cli::load {

/// One user's part in its room: what it says, what is said back to it, what it is owed. It measures; whether
/// and when there is a connection is the user's. Owned by a user; one thread.
class Participation
{
public:
    Participation(std::uint32_t user, std::uint16_t room, Surroundings &surroundings)
        : m_user(user)
        , m_room(room)
        , m_all(surroundings)
        , m_sizes(surroundings.settings.profiles.front().size, surroundings.settings.seed, user)
    {
    }

    /// The join is about to be sent. `server`: for people.
    void begin(Offset at, std::string server);
    void confirm(const Standing &standing);
    /// The server says, unasked, where the room stands, and what its newest messages are: what was owed is
    /// owed no longer. Returns how many messages it has lost, as far as nobody knew.
    std::uint64_t restart(const Standing &standing, std::span<const Delivery> page, Offset at);
    /// The join failed.
    void discard() { m_membership.reset(); }
    /// The user leaves: what is said from now on is not owed to it.
    void stop() { m_membership->stop(); }
    void end(Ending ending);

    /// Sends the message that was planned for this time.
    void speak(Offset planned, WebSocketClient &connection);
    /// Counts a message that was planned for this time, while the user is in no room, as not sent.
    void missWord(Offset planned);
    /// Counts a message that fell due before the user's first join was answered, as early: it is not in
    /// `planned`.
    void skipWord(Offset planned);
    void receive(const Delivery &delivery, Offset at);
    void acknowledge(const event::Answered &answered, Offset at);
    void refuse(const event::Refused &refused);

    /// After stop(): whether nothing is owed and nothing unanswered any more.
    [[nodiscard]] bool isSettled() { return m_pending.isEmpty() && m_membership->isSettled(); }
    /// What the user is owed now and has not received.
    [[nodiscard]] Missing missing() const { return m_membership ? m_membership->missing() : Missing{}; }
    /// Its messages that were sent and not answered yet.
    [[nodiscard]] std::uint64_t unanswered() const { return m_pending.size() - m_pending.unnamedRefusals(); }
    /// Its messages that were refused by errors that named none, where it is not known yet which they are.
    [[nodiscard]] std::uint64_t unnamedRefusals() const { return m_pending.unnamedRefusals(); }
    /// nullptr: there is none.
    [[nodiscard]] Membership *membership() const { return m_membership.get(); }

private:
    void countRefused();
    [[nodiscard]] PhaseMeasurements &phaseOf(Offset planned)
    {
        return m_all.measurements.phases[m_all.plan.phaseAt(planned)];
    }
    [[nodiscard]] RoomLedger &ledger() { return m_all.ledgers[m_room]; }

    std::uint32_t m_user;
    std::uint16_t m_room;
    Surroundings &m_all;
    std::unique_ptr<Membership> m_membership;
    std::string m_server;
    MessageSizes m_sizes; ///< one is drawn for each word, said or not
    PendingSends m_pending;
    std::vector<PendingSend> m_refused; ///< scratch
};

} // namespace parlor::cli::load
