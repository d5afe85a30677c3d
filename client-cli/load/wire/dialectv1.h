// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/wire/dialect.h"

namespace parlor::cli::load {

/// v1 (docs/protocol.md section 2), as the tutorial's server speaks it: an echo is the answer, nothing is
/// numbered, and an error does not say what it is about.
class DialectV1 final : public Dialect
{
public:
    using Dialect::Dialect;

    [[nodiscard]] std::string_view subprotocol() const override { return {}; }
    void appendJoin(std::string &out, std::string_view room) const override;
    void appendMessage(std::string &out, std::string_view room, std::string_view content,
                       std::uint64_t index) const override;
    [[nodiscard]] std::unique_ptr<Membership> newMembership(RoomLedger &ledger, DeliveryCounts &counts,
                                                            Offset joinSent) const override;

private:
    [[nodiscard]] Event readWhole(std::string_view text) override;
    [[nodiscard]] bool isRoomMessage(std::string_view text) const override;
};

} // namespace parlor::cli::load
