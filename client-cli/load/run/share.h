// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace parlor::cli::load {

/// The part of a run that one thread executes: whole rooms, so that a room's ledger has one owner, with all
/// their users.
struct Share
{
    std::vector<std::uint32_t> users; ///< their numbers, ascending
    std::vector<std::uint16_t> rooms; ///< their places in the settings' list, ascending
    bool operator==(const Share &) const = default;
};

/// Deals users to `parts` threads, about as many to each. `roomsOf`: of each user by its number; one who is
/// in several rooms ties these to one thread. There are fewer shares where there are not as many rooms apart;
/// never none. Pure, and the same each time.
[[nodiscard]] std::vector<Share> dealShares(const std::vector<std::vector<std::uint16_t>> &roomsOf,
                                            std::size_t parts);

/// Of a whole that is dealt evenly to `parts`, one at least, what this one of them has: the first have the
/// rest.
[[nodiscard]] constexpr std::size_t dealtTo(std::size_t part, std::size_t whole, std::size_t parts)
{
    return whole / parts + (part < whole % parts ? 1 : 0);
}

} // namespace parlor::cli::load
