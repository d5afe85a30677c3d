// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace parlor::cli::load {

/// Gives turns to takers by their weights, so evenly that after any number of turns each has had its share,
/// give or take one. Pure.
class WeightedTurns
{
public:
    /// `weights`: one at least; none negative, and not all 0.
    explicit WeightedTurns(std::vector<double> weights);

    /// Who is next; of those that are equally due, the first.
    [[nodiscard]] std::size_t next();

private:
    std::vector<double> m_shares; ///< their sum is 1
    std::vector<std::uint64_t> m_given;
    std::uint64_t m_turns = 0;
};

} // namespace parlor::cli::load
