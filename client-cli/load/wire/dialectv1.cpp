// SPDX-License-Identifier: MIT
#include "client-cli/load/wire/dialectv1.h"

#include "client-cli/load/accounting/markedmembership.h"
#include "shared/protocol/encoder.h"

namespace parlor::cli::load {

void DialectV1::appendJoin(std::string &out, std::string_view room) const
{
    encode(out, v1::Request(v1::Join{room}));
}

void DialectV1::appendMessage(std::string &out, std::string_view, std::string_view content,
                              std::uint64_t) const
{
    encode(out, v1::Request(v1::Publish{{.text = content}}));
}

Event DialectV1::readWhole(std::string_view text)
{
    const auto decoded = decode(text);
    if (!decoded)
        return event::Malformed{};
    if (const auto *message = std::get_if<frame::Message>(&*decoded)) {
        const MarkedContent content = marked(message->content);
        if (message->sender != "server")
            return Delivery{content};
        if (content.state == MarkedContent::State::Intact || content.state == MarkedContent::State::Altered)
            return event::Answered{.index = content.marker.index};
        return event::Nothing{};
    }
    if (const auto *connection = std::get_if<frame::Connection>(&*decoded))
        return event::Greeted{connection->hostname};
    if (std::holds_alternative<frame::RoomUserIds>(*decoded))
        return event::Joined{};
    if (const auto *error = std::get_if<frame::Error>(&*decoded))
        return event::Refused{.code = error->code, .retry = error->retry};
    return event::Nothing{};
}

/// The sender's echo is told apart by its sender. Within a string these quotes would have backslashes.
bool DialectV1::isRoomMessage(std::string_view text) const
{
    const bool isMessage =
        text.starts_with(R"({"type":"message",)") || text.starts_with(R"({"type": "message",)");
    return isMessage && text.find(R"("sender":"server")") == std::string_view::npos &&
           text.find(R"("sender": "server")") == std::string_view::npos;
}

std::unique_ptr<Membership> DialectV1::newMembership(RoomLedger &ledger, DeliveryCounts &counts,
                                                     Offset joinSent) const
{
    return std::make_unique<MarkedMembership>(ledger, counts, joinSent);
}

} // namespace parlor::cli::load
