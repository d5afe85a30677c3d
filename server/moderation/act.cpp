// SPDX-License-Identifier: MIT
#include "server/moderation/act.h"

#include "shared/protocol/jsonwriter.h"
#include "shared/protocol/values.h"

#include <algorithm>
#include <array>
#include <utility>

namespace parlor {

namespace {

constexpr std::size_t kUserBytes = 512; ///< a token's `sub` has 128 code points at most
constexpr std::size_t kReasonBytes = 400;
constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24 * 365 * 10);
constexpr std::chrono::milliseconds kSlowest = std::chrono::hours(24);
/// A ban of more than this puts out a part of the Internet, and whoever imposed it.
struct Widest
{
    unsigned v4; ///< bits of 128
    unsigned v6;
};
constexpr Widest kWidestOfModerators{96 + 16, 32};
constexpr Widest kWidestOfAdmins{96 + 8, 16};

constexpr std::array<std::pair<Act::Action, std::string_view>, 6> kActions{{{Act::Action::Kick, "kick"},
                                                                            {Act::Action::Ban, "ban"},
                                                                            {Act::Action::Unban, "unban"},
                                                                            {Act::Action::Mute, "mute"},
                                                                            {Act::Action::Unmute, "unmute"},
                                                                            {Act::Action::Slow, "slow"}}};

Error badAct(std::string text)
{
    return {ErrorCode::BadRequest, std::move(text)};
}

bool isLine(std::string_view text, std::size_t most)
{
    return text.size() <= most && std::ranges::none_of(text, [](char c) {
               return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
           });
}

/// What a request has that its action has no use for: it may mean something else.
std::optional<std::string_view> surplus(Act::Action action, const request::Moderate &request)
{
    using enum Act::Action;
    const bool isBan = action == Ban || action == Unban;
    const bool hasRoom = action == Mute || action == Unmute || action == Slow;
    const bool hasEnd = action == Ban || action == Mute || action == Slow;
    if (request.user && action == Slow)
        return "user";
    if (request.network && !isBan)
        return "network";
    if (request.room && !hasRoom)
        return "room";
    if (request.duration && !hasEnd)
        return "duration_ms";
    if (request.interval && action != Slow)
        return "interval_ms";
    return std::nullopt;
}

/// Whom or what the act is for.
Result<void> readSubject(const request::Moderate &request, Act &act)
{
    const std::string name(request.action);
    if (request.user) {
        if (request.user->empty() || !isLine(*request.user, kUserBytes))
            return badAct("\"user\" is no user: give the \"user\" of a member, as room_users has it");
        act.user = *request.user;
    }
    if (request.network) {
        const auto network = Network::parse(*request.network);
        if (!network)
            return network.error();
        const Widest &widest = act.rank == Rank::Moderator ? kWidestOfModerators : kWidestOfAdmins;
        if (network->bits() < (network->isV4() ? widest.v4 : widest.v6))
            return badAct(network->text() + " is too wide: you may ban IPv4 networks with a length of " +
                          std::to_string(widest.v4 - 96) + " or more, and IPv6 networks with one of " +
                          std::to_string(widest.v6) + " or more");
        act.network = *network;
    }
    if (request.room) {
        auto room = values::roomName(*request.room);
        if (!room)
            return room.error();
        act.room = *std::move(room);
    }
    const bool isOfRoom = act.action == Act::Action::Slow;
    const bool isBan = act.action == Act::Action::Ban || act.action == Act::Action::Unban;
    if (isOfRoom && act.room.empty())
        return badAct(name + " needs \"room\"");
    if (isBan && act.user.empty() == !act.network)
        return badAct(name + " needs \"user\" or \"network\", one of them");
    if (!isOfRoom && !isBan && act.user.empty())
        return badAct(name + " needs \"user\"");
    return {};
}

} // namespace

Result<Act> readAct(const request::Moderate &request, Moderator moderator)
{
    const auto known =
        std::ranges::find(kActions, request.action, [](const auto &each) { return each.second; });
    if (known == kActions.end())
        return badAct('"' + std::string(request.action.substr(0, 40)) +
                      "\" is no action: there are kick, ban, unban, mute, unmute and slow");
    Act act;
    act.action = known->first;
    act.by = std::move(moderator.user);
    act.rank = moderator.rank;
    act.at = moderator.now;
    if (const auto field = surplus(act.action, request))
        return badAct(std::string(request.action) + " has no \"" + std::string(*field) + '"');
    if (const auto read = readSubject(request, act); !read)
        return read.error();
    if (request.duration) {
        if (request.duration->count() <= 0 || *request.duration > kLongest)
            return badAct("\"duration_ms\" is 1 to " + std::to_string(kLongest.count()) +
                          " (ten years); leave it out for no end");
        act.until = moderator.now + *request.duration;
    }
    if (act.action == Act::Action::Slow) {
        if (!request.interval || *request.interval > kSlowest)
            return badAct("slow needs \"interval_ms\", 0 to " + std::to_string(kSlowest.count()) +
                          " (a day); 0 ends it");
        act.interval = *request.interval;
    }
    if (request.reason) {
        if (!isLine(*request.reason, kReasonBytes))
            return badAct("\"reason\" is one line of at most " + std::to_string(kReasonBytes) + " bytes");
        act.reason = *request.reason;
    }
    return act;
}

std::string_view toString(Act::Action action)
{
    return std::ranges::find(kActions, action, [](const auto &each) { return each.first; })->second;
}

std::string subjectOf(const Act &act)
{
    if (act.network)
        return "network:" + act.network->text();
    if (act.user.empty())
        return "room:" + act.room;
    std::string text = "user:";
    if (act.user.find_first_of(" \"") == std::string::npos)
        text += act.user;
    else
        JsonWriter(text).string(act.user); // else it could look like a user and a room
    return text + (act.room.empty() ? "" : " room:" + act.room);
}

} // namespace parlor
