// SPDX-License-Identifier: MIT
#include "server/moderation/sanctiontext.h"

#include "shared/protocol/jsonfields.h"
#include "shared/protocol/jsonwriter.h"
#include "shared/protocol/values.h"

#include <array>
#include <utility>

namespace parlor::sanctiontext {

namespace {

constexpr std::array<std::string_view, 3> kRanks{"moderator", "admin", "server"}; ///< by Rank

std::string_view takeWord(std::string_view &text)
{
    const std::size_t blank = text.find(' ');
    const std::string_view word = text.substr(0, blank);
    text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
    return word;
}

/// Kind and subject.
std::optional<Sanction> subjectFrom(std::string_view field)
{
    Sanction sanction;
    std::string_view rest = field;
    const std::string_view kind = takeWord(rest);
    if (kind == "ban") {
        if (takeWord(rest) == "user") {
            sanction.user = rest;
        } else {
            const auto network = Network::parse(rest);
            if (!network)
                return std::nullopt;
            sanction.kind = Sanction::Kind::NetworkBan;
            sanction.network = *network;
        }
    } else if (kind == "mute") {
        sanction.kind = Sanction::Kind::Mute;
        const std::string_view room = takeWord(rest);
        sanction.room = room == "*" ? std::string_view() : room;
        sanction.user = rest;
    } else if (kind == "slow") {
        sanction.kind = Sanction::Kind::Slow;
        sanction.room = rest;
    }
    const auto room = values::roomName(sanction.room);
    const bool isRoom = sanction.room.empty() || (room && *room == sanction.room);
    const bool isOurs = fieldOf(sanction) == field && values::isUtf8(field) && isRoom;
    return isOurs ? std::optional(std::move(sanction)) : std::nullopt;
}

} // namespace

std::string encode(const Sanction &sanction)
{
    std::string text;
    JsonWriter json(text);
    json.beginObject();
    json.field("by", sanction.by).field("rank", kRanks[static_cast<std::size_t>(sanction.rank)]);
    json.field("since", sanction.since);
    if (sanction.until)
        json.field("until", *sanction.until);
    if (sanction.kind == Sanction::Kind::Slow)
        json.field("interval_ms", sanction.interval);
    if (!sanction.reason.empty())
        json.field("reason", sanction.reason);
    json.endObject();
    return text;
}

std::optional<Sanction> decode(std::string_view field, std::string_view json)
{
    auto sanction = subjectFrom(field);
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    if (!sanction || parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS)
        return std::nullopt;
    std::deque<std::string> arena;
    JsonFields in(object, arena);
    sanction->by = in.string("by");
    const auto rank = std::ranges::find(kRanks, in.string("rank"));
    sanction->since = in.milliseconds("since");
    sanction->until = in.optionalMilliseconds("until");
    if (sanction->kind == Sanction::Kind::Slow)
        sanction->interval = in.milliseconds("interval_ms");
    sanction->reason = in.optionalString("reason").value_or("");
    if (in.error() || rank == kRanks.end())
        return std::nullopt;
    sanction->rank = static_cast<Rank>(rank - kRanks.begin());
    return sanction;
}

} // namespace parlor::sanctiontext
