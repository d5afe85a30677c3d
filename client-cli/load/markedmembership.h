// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/membership.h"
#include "client-cli/load/receivewindow.h"

#include <optional>
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

    void confirm(const Standing &) override { m_window.emplace(m_ledger.end()); }
    Receipt received(const Delivery &delivery) override;
    void stop() override { m_end = m_ledger.end(); }
    [[nodiscard]] bool isSettled() override;
    void finish(Ending ending) override;
    [[nodiscard]] std::uint64_t outstanding() const override;
    [[nodiscard]] std::uint64_t needsFrom(Offset now) override;

private:
    [[nodiscard]] Receipt receivedEarly(std::uint64_t index);
    /// Whether a later message of the same sender is here.
    [[nodiscard]] bool isOvertaken(std::uint64_t index) const;
    [[nodiscard]] bool isOwed(std::uint64_t index) const;

    Offset m_joinSent;
    std::optional<ReceiveWindow> m_window; ///< of the ledger's indices, from the confirmation on
    std::vector<std::uint64_t> m_early;    ///< that came, though they were sent before the confirmation
    std::optional<std::uint64_t> m_end;
};

} // namespace parlor::cli::load
