// SPDX-License-Identifier: MIT
#pragma once

#include "server/auth/grant.h"
#include "server/moderation/network.h"
#include "shared/protocol/messages.h"
#include "shared/protocol/result.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parlor {

/// As whom somebody moderates. What they do reaches those whose role is lower; the server's own acts (its
/// admin API) reach everybody.
enum class Rank : std::uint8_t { Moderator, Admin, Server };

/// Of somebody who may moderate.
[[nodiscard]] constexpr Rank rankOf(Role role)
{
    return role == Role::Admin ? Rank::Admin : Rank::Moderator;
}
[[nodiscard]] constexpr bool reaches(Rank rank, Role role)
{
    return static_cast<int>(role) <= static_cast<int>(rank);
}

/// Something that a moderator does. Valid, as readAct() makes it.
struct Act
{
    enum class Action : std::uint8_t { Kick, Ban, Unban, Mute, Unmute, Slow };
    Action action = Action::Kick;
    std::string user{};                               ///< empty: of a network, or of a room
    std::optional<Network> network{};                 ///< of a ban and its end
    std::string room{};                               ///< of mute, unmute and slow; empty: all rooms
    std::optional<std::chrono::milliseconds> until{}; ///< since 1970; nullopt: without an end
    std::chrono::milliseconds interval{};             ///< of slow; 0: it ends
    std::string reason{};
    std::string by{}; ///< the moderator's `user`
    Rank rank = Rank::Moderator;
    std::chrono::milliseconds at{}; ///< since 1970
};

/// Who moderates, and when.
struct Moderator
{
    std::string user;
    Rank rank = Rank::Moderator;
    std::chrono::milliseconds now{}; ///< since 1970
};
/// The error is for people.
[[nodiscard]] Result<Act> readAct(const request::Moderate &request, Moderator moderator);
/// The action's name on the wire.
[[nodiscard]] std::string_view toString(Act::Action action);
/// What it was done to, for the audit log: `user:eve`, `network:192.0.2.0/24`, `room:general`.
[[nodiscard]] std::string subjectOf(const Act &act);

} // namespace parlor
