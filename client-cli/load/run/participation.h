// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/accounting/pendingsends.h"
#include "client-cli/load/run/connector.h"

namespace parlor::cli::load {

/// One user's part in one of its rooms: what it says there, what is said back to it, what it is owed. It
/// measures; whether and when there is a connection is the user's. Owned by a user; one thread.
class Participation
{
public:
    enum class Hearing : std::uint8_t {
        Verified, ///< every delivery is accounted for
        Counted,  ///< nothing is owed: deliveries are counted at most
    };

    /// `context` outlives it.
    Participation(std::uint32_t user, std::uint16_t room, Hearing hearing, const UserContext &context)
        : m_context(context)
        , m_user(user)
        , m_room(room)
        , m_hearing(hearing)
    {
    }

    /// The join is about to be sent. `settles`: nothing is owed before settleIn().
    void begin(Offset at, bool settles);
    /// Whether the room may stand there by now.
    [[nodiscard]] bool isPossible(const Standing &standing);
    /// `server`: for people.
    void confirm(const Standing &standing, std::string_view server);
    /// It has been in the room for long enough: what is sent from now on is owed to it.
    void settleIn() { m_membership->settleIn(); }
    /// The server says, unasked, where the room stands, and what its newest messages are: what was owed is
    /// owed no longer. Returns how many messages it has lost, as far as nobody knew.
    std::uint64_t restart(const Standing &standing, std::span<const Delivery> page, Offset at,
                          std::string_view server);
    /// The user leaves: what is said from now on is not owed to it.
    void stop() { m_membership->stop(); }
    /// Of its membership, if there is one, confirmed or not.
    void end(Ending ending);

    /// Sends the message that was planned for this time, and that might be sent from `allowed` on: its send
    /// lag counts from there. False: the server takes nothing more.
    bool speak(Offset planned, Offset allowed, std::size_t size, Connector &connector);
    /// Returns the delivery's latency, if it counts for the run's.
    std::optional<Offset> receive(const Delivery &delivery, Offset at);
    /// False: it is about none of its messages that wait for an answer.
    [[nodiscard]] bool acknowledge(const event::Answered &answered, Offset at);
    /// The same.
    [[nodiscard]] bool refuse(const event::Refused &refusal);

    /// After stop(): whether nothing is owed and nothing unanswered any more.
    [[nodiscard]] bool isSettled() { return m_pending.isEmpty() && m_membership->isSettled(); }
    /// What the user is owed now and has not received.
    [[nodiscard]] Missing missing() const { return m_membership ? m_membership->missing() : Missing{}; }
    /// When a message that is not answered yet was planned; nullopt: it is none of these.
    [[nodiscard]] std::optional<Offset> plannedOf(std::uint64_t index) const
    {
        return m_pending.plannedOf(index);
    }
    /// Its messages that were sent and not answered yet.
    [[nodiscard]] std::uint64_t unanswered() const { return m_pending.size() - m_pending.unnamedRefusals(); }
    /// Its messages that were refused by errors that named none, where it is not known yet which they are.
    [[nodiscard]] std::uint64_t unnamedRefusals() const { return m_pending.unnamedRefusals(); }
    [[nodiscard]] std::uint16_t room() const { return m_room; }
    [[nodiscard]] bool isConfirmed() const { return m_isConfirmed; }
    /// nullptr: there is none.
    [[nodiscard]] Membership *membership() const { return m_membership.get(); }

private:
    void countRefused(const std::vector<PendingSend> &refused);
    [[nodiscard]] Books &books() { return m_context.books; }
    [[nodiscard]] RoomLedger &ledger() { return books().ledger(m_room); }

    const UserContext &m_context;
    std::uint32_t m_user;
    std::uint16_t m_room;
    Hearing m_hearing;
    bool m_isConfirmed = false;
    std::unique_ptr<Membership> m_membership;
    PendingSends m_pending;
};

} // namespace parlor::cli::load
