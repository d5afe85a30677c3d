// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace parlor::cli::load {

/// Users of one room who heard each other, directly or through others.
struct HearingGroup
{
    std::uint64_t users = 0;
    std::map<std::string, std::uint64_t> servers; ///< users by the server that they were on
    std::set<std::string> epochs;                 ///< of the room's numbering; empty where there is none
    bool operator==(const HearingGroup &) const = default;
};

/// A room whose users were there at the same time and did not hear each other.
struct RoomSplit
{
    std::string room;
    std::vector<HearingGroup> groups; ///< two or more, the largest first
    bool operator==(const RoomSplit &) const = default;
};

} // namespace parlor::cli::load
