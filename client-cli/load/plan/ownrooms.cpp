// SPDX-License-Identifier: MIT
#include "client-cli/load/plan/ownrooms.h"

#include <algorithm>
#include <string_view>

namespace parlor::cli::load {

namespace {

constexpr std::string_view kOwnRoom = "load-";

} // namespace

std::string ownRoom(std::size_t number)
{
    return std::string(kOwnRoom) + std::to_string(number);
}

std::vector<std::string> foreignRooms(const std::vector<std::string> &rooms)
{
    const auto isOwn = [](std::string_view room) {
        const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
        return room.starts_with(kOwnRoom) && room.size() > kOwnRoom.size() &&
               std::ranges::all_of(room.substr(kOwnRoom.size()), isDigit);
    };
    std::vector<std::string> foreign;
    std::ranges::remove_copy_if(rooms, std::back_inserter(foreign), isOwn);
    return foreign;
}

} // namespace parlor::cli::load
