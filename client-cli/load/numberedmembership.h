// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/membership.h"
#include "client-cli/load/receivewindow.h"

#include <optional>

namespace parlor::cli::load {

/// Where the server numbers a room's messages without holes (v2's seq): every number from the join's sync on
/// is owed, others' messages too, once and in order; and a message has the same number for all.
class NumberedMembership final : public Membership
{
public:
    NumberedMembership(RoomLedger &ledger, DeliveryCounts &counts)
        : Membership(ledger, counts)
    {
    }

    void confirm(const Standing &standing) override;
    Receipt received(const Delivery &delivery) override;
    void stop() override;
    [[nodiscard]] bool isSettled() override;
    void finish(Ending ending) override;
    [[nodiscard]] std::uint64_t outstanding() const override;
    [[nodiscard]] std::uint64_t needsFrom(Offset now) override;

private:
    /// One more than the last number that is owed, as far as that is known.
    [[nodiscard]] std::uint64_t owedEnd() const;
    [[nodiscard]] bool isCurrent() const { return m_window && m_epoch == m_ledger.epoch(); }

    std::optional<ReceiveWindow> m_window;
    std::uint32_t m_epoch = 0;
    std::optional<std::uint64_t> m_stopIndex; ///< of the ledger
    std::uint64_t m_topAtStop = 0;
    std::optional<std::uint64_t> m_end;
    std::uint64_t m_needsFrom = 0;
};

} // namespace parlor::cli::load
