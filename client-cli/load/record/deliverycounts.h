// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace parlor::cli::load {

/// What became of the messages that receivers were owed, and what came besides. Each receiver is counted for
/// itself, so that one's loss never cancels another's double.
struct DeliveryCounts
{
    std::uint64_t received = 0;   ///< owed, and there
    std::uint64_t lost = 0;       ///< owed, and not there
    std::uint64_t doubled = 0;    ///< there once more
    std::uint64_t reordered = 0;  ///< there after a later one
    std::uint64_t corrupt = 0;    ///< there with another content than was sent
    std::uint64_t unexpected = 0; ///< of another room, refused, never sent, or from before the join
    std::uint64_t ambiguous = 0;  ///< sent around a join or a leave: allowed, not owed
    std::uint64_t excused = 0;    ///< no longer owed: the connection was lost first
    std::uint64_t foreign = 0;    ///< of others in the room
    /// Came to receivers whose deliveries are counted and not checked (Verify): nothing is known of what
    /// else these were owed. Not in `received`.
    std::uint64_t counted = 0;

    [[nodiscard]] std::uint64_t expected() const { return received + lost; }
    [[nodiscard]] bool isFaultless() const
    {
        return lost == 0 && doubled == 0 && reordered == 0 && corrupt == 0 && unexpected == 0;
    }
    void merge(const DeliveryCounts &other)
    {
        received += other.received;
        lost += other.lost;
        doubled += other.doubled;
        reordered += other.reordered;
        corrupt += other.corrupt;
        unexpected += other.unexpected;
        ambiguous += other.ambiguous;
        excused += other.excused;
        foreign += other.foreign;
        counted += other.counted;
    }
    bool operator==(const DeliveryCounts &) const = default;
};

} // namespace parlor::cli::load
