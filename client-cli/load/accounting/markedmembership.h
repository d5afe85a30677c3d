// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/accounting/membership.h"

#include <vector>

namespace parlor::cli::load {

/// Where the server numbers nothing (v1): the markers alone say which message came. Order is promised to each
/// sender only, so it is judged for each sender.
class MarkedMembership final : public Membership
{
public:
    MarkedMembership(RoomLedger &ledger, DeliveryCounts &counts, Offset joinSent)
        : Membership(ledger, counts)
        , m_joinSent(joinSent)
    {
    }

    void confirm(const Standing &) override { m_heard.emplace(m_ledger.end()); }
    Receipt received(const Delivery &delivery) override;
    std::uint64_t wentBack(const Standing &, std::span<const Delivery>) override { return 0; }
    void stop() override { m_stopIndex = m_ledger.end(); }
    [[nodiscard]] bool isSettled() override;
    [[nodiscard]] Missing missing() const override;
    [[nodiscard]] std::uint64_t needsFrom(Offset now) override;

private:
    [[nodiscard]] Receipt receivedEarly(std::uint64_t index);
    /// Whether a later message of the same sender is here.
    [[nodiscard]] bool isOvertaken(std::uint64_t index) const;
    [[nodiscard]] bool isUnheard(std::uint64_t index) const override;

    Offset m_joinSent;
    std::vector<std::uint64_t> m_early; ///< that came, though they were sent before the confirmation
};

} // namespace parlor::cli::load
