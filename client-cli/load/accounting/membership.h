// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/accounting/marker.h"
#include "client-cli/load/accounting/receivewindow.h"
#include "client-cli/load/accounting/roomledger.h"
#include "client-cli/load/record/deliverycounts.h"

#include <algorithm>
#include <optional>
#include <span>

namespace parlor::cli::load {

/// A message as it came.
struct Delivery
{
    MarkedContent content;
    std::uint64_t seq = 0;   ///< the server's number; 0 where it gives none
    std::string_view room{}; ///< as the server names it; empty where it names none
};

enum class Receipt : std::uint8_t {
    First,     ///< it came for the first time, whole: its latency counts
    NoTiming,  ///< doubled, corrupt, foreign, unexpected
    Malformed, ///< it has a number that the server cannot have given: unexpected
};

/// Where a server's numbering of a room stood when the join was confirmed; empty where it numbers nothing.
struct Standing
{
    std::string_view epoch{}; ///< or, where servers with one epoch are apart, the server's chat
    std::uint64_t seq = 0;
};

/// How a membership came to its end.
enum class Ending : std::uint8_t {
    Left, ///< on purpose, after all that time allowed: what is not here is lost
    Cut,  ///< the connection was lost: what might still have come is owed no longer, but a hole is a loss
};

/// Owed deliveries that are not here.
struct Missing
{
    std::uint64_t holes = 0;   ///< a later one is here: these are lost
    std::uint64_t awaited = 0; ///< they may still be under way
    bool operator==(const Missing &) const = default;
};

/// One receiver in one room, from the moment it sent its join: what it is owed, and what came. It owes
/// exactly the messages published between the join's confirmation, or settleIn(), and stop(). Pure; one
/// thread; `ledger` and `counts` outlive it.
class Membership
{
public:
    /// Around a join or a leave a message that was sent at most this long ago may still be under way.
    static constexpr Offset kUnderWay = std::chrono::seconds(10);

    virtual ~Membership() = default;
    Membership(const Membership &) = delete;
    Membership &operator=(const Membership &) = delete;

    /// What is sent before settleIn() may come or not, and is not owed. Called before confirm().
    void expectSettling() { m_isSettling = true; }
    /// The server has confirmed the join. Called once.
    virtual void confirm(const Standing &standing) = 0;
    /// What is sent from now on is owed. Does nothing if it is owed already.
    virtual void settleIn();
    /// Once it is confirmed: who this is, and on which server.
    void attend(std::uint32_t user, std::string_view server);
    /// Not called where deliveries are only counted.
    virtual Receipt received(const Delivery &) { return Receipt::NoTiming; }
    /// The server says, unasked, that the room is at `now`, and that `page` are its newest messages. Counts
    /// as lost what came here and is not there any more, once for all receivers; returns how many. finish()
    /// follows.
    virtual std::uint64_t wentBack(const Standing &now, std::span<const Delivery> page) = 0;
    /// The receiver leaves: what is sent from now on is not owed to it.
    virtual void stop() = 0;
    /// After stop(): whether all that is owed is here.
    [[nodiscard]] virtual bool isSettled() = 0;
    /// Counts what is missing. The last call.
    void finish(Ending ending);
    [[nodiscard]] virtual Missing missing() const = 0;
    /// The first message of the ledger that this receiver may still ask about.
    [[nodiscard]] virtual std::uint64_t needsFrom(Offset now) = 0;

    [[nodiscard]] HearingGroups::Member member() const { return m_member; }
    /// The ordinal of the room's numbering; 0: there is none.
    [[nodiscard]] std::uint32_t epoch() const { return m_epoch; }

protected:
    Membership(RoomLedger &ledger, DeliveryCounts &counts)
        : m_ledger(ledger)
        , m_counts(counts)
        , m_epochsAtJoin(ledger.epochs())
    {
    }

    /// What both kinds see first: whether the content is one of this room's messages. Counts it if it is not.
    [[nodiscard]] bool isOfThisRoom(const MarkedContent &content);
    /// Whether this receiver is owed the message, by its marker, and has not heard it. knows(index).
    [[nodiscard]] virtual bool isUnheard(std::uint64_t index) const = 0;
    /// Where messages that isUnheard() may be begin, and where they end. Once it is confirmed.
    [[nodiscard]] std::uint64_t unheardBegin() const
    {
        return std::max({m_heard->base(), m_ledger.begin(), owedBegin()});
    }
    [[nodiscard]] std::uint64_t unheardEnd() const { return m_stopIndex.value_or(m_ledger.end()); }
    /// It was owed the message, and is done waiting: they do not hear each other, unless it is one of those
    /// that came damaged.
    void giveUp(std::uint64_t index);
    /// What was sent before this message is not owed, whatever else holds.
    [[nodiscard]] std::uint64_t owedBegin() const { return m_isSettling ? m_ledger.end() : m_owedFrom; }

    RoomLedger &m_ledger;
    DeliveryCounts &m_counts;
    std::optional<ReceiveWindow> m_heard;     ///< the ledger's indices, from the confirmation on
    std::optional<std::uint64_t> m_stopIndex; ///< of the ledger
    HearingGroups::Member m_member = HearingGroups::kNobody;
    std::uint32_t m_epoch = 0;
    std::uint32_t m_epochsAtJoin; ///< that the room had had when the join was sent
    std::uint32_t m_damaged = 0;  ///< came, but nobody can tell which messages they are
    std::uint32_t m_givenUp = 0;
    bool m_isSettling = false;
    std::uint64_t m_owedFrom = 0; ///< of the ledger, once it has settled in
};

} // namespace parlor::cli::load
