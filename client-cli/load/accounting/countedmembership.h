// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/accounting/membership.h"

namespace parlor::cli::load {

/// A receiver whose deliveries are counted, and not checked: it is owed nothing. It is one of its room's
/// members for the others, and knows the room's numbering for what it says itself.
class CountedMembership final : public Membership
{
public:
    CountedMembership(RoomLedger &ledger, DeliveryCounts &counts)
        : Membership(ledger, counts)
    {
    }

    void confirm(const Standing &standing) override
    {
        if (!standing.epoch.empty())
            m_epoch = m_ledger.enterEpoch(standing.epoch, standing.seq, m_epochsAtJoin);
    }
    std::uint64_t wentBack(const Standing &, std::span<const Delivery>) override { return 0; }
    void stop() override { m_ledger.noteLeaving(m_epoch); }
    [[nodiscard]] bool isSettled() override { return true; }
    [[nodiscard]] Missing missing() const override { return {}; }
    [[nodiscard]] std::uint64_t needsFrom(Offset) override { return m_ledger.end(); }

private:
    [[nodiscard]] bool isUnheard(std::uint64_t) const override { return false; }
};

} // namespace parlor::cli::load
