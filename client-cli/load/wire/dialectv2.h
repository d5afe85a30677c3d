// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/wire/dialect.h"

namespace parlor::cli::load {

/// v2 (docs/protocol.md sections 4 and 5): every request has its answer, by rid, and a room's messages are
/// numbered. No `auth`: a load user has no session to come back to.
class DialectV2 final : public Dialect
{
public:
    using Dialect::Dialect;

    [[nodiscard]] std::string_view subprotocol() const override { return "parlor.v2"; }
    void appendJoin(std::string &out, std::string_view room) const override;
    void appendMessage(std::string &out, std::string_view room, std::string_view content,
                       std::uint64_t index) const override;
    [[nodiscard]] std::unique_ptr<Membership> newMembership(RoomLedger &ledger, DeliveryCounts &counts,
                                                            Offset joinSent) const override;

private:
    [[nodiscard]] Event readWhole(std::string_view text) override;
    [[nodiscard]] bool isRoomMessage(std::string_view text) const override;
    [[nodiscard]] Delivery delivery(const frame::Event &event) const;
};

} // namespace parlor::cli::load
