// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/accounting/membership.h"

namespace parlor::cli::load {

/// Where the server numbers a room's messages without holes (v2's seq): every number from the join's sync on
/// is owed, others' messages too, once and in order; and a message has the same number for all. A message of
/// this run that has a number of another epoch, or one that another message has here, is owed as well: the
/// users of a room are to hear each other, however many servers number it.
class NumberedMembership final : public Membership
{
public:
    NumberedMembership(RoomLedger &ledger, DeliveryCounts &counts)
        : Membership(ledger, counts)
    {
    }

    void confirm(const Standing &standing) override;
    Receipt received(const Delivery &delivery) override;
    std::uint64_t wentBack(const Standing &now, std::span<const Delivery> page) override;
    void settleIn() override;
    void stop() override;
    [[nodiscard]] bool isSettled() override;
    [[nodiscard]] Missing missing() const override;
    [[nodiscard]] std::uint64_t needsFrom(Offset now) override;

private:
    /// The first number that is owed, as far as that is known.
    [[nodiscard]] std::uint64_t firstOwed() const;
    /// One more than the last number that is owed, as far as that is known.
    [[nodiscard]] std::uint64_t owedEnd() const;
    /// How many numbers that are owed, below this one, have not come.
    [[nodiscard]] std::uint64_t missingBefore(std::uint64_t end) const;
    [[nodiscard]] bool isUnheard(std::uint64_t index) const override;
    /// Whether its number is not here either, so that the numbers tell that it is missing.
    [[nodiscard]] bool isMissingNumber(std::uint64_t index) const;
    [[nodiscard]] bool isOver(std::uint64_t index, Offset now) const;

    std::optional<ReceiveWindow> m_window;    ///< of the server's numbers
    std::optional<std::uint64_t> m_topUnowed; ///< of what was sent before it had settled in
    std::uint64_t m_topAtStop = 0;
    std::optional<std::uint64_t> m_end;
    std::uint64_t m_needsFrom = 0;
};

} // namespace parlor::cli::load
