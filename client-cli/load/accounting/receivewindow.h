// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

namespace parlor::cli::load {

/// Which of a growing row of numbers have come: all below base(), and from there on a bit each. It is as
/// large as the distance from the oldest hole to the newest number.
class ReceiveWindow
{
public:
    /// How far past the base a number may lie; one that is further is a mistake, not a hole.
    static constexpr std::uint64_t kMaxSpan = 1ULL << 24;

    explicit ReceiveWindow(std::uint64_t first)
        : m_first(first)
        , m_base(first)
        , m_wordBase(first)
    {
    }

    /// False if it had come already. `number` is at least first() and within kMaxSpan of base().
    bool mark(std::uint64_t number);
    [[nodiscard]] bool isMarked(std::uint64_t number) const;
    /// The base moves past a number that will not come.
    void skipBase();

    [[nodiscard]] std::uint64_t first() const { return m_first; }
    /// The lowest number that has not come.
    [[nodiscard]] std::uint64_t base() const { return m_base; }
    /// One more than the highest number that has come; first() if none has.
    [[nodiscard]] std::uint64_t top() const { return m_top < m_first ? m_first : m_top; }
    /// How many numbers below `end` have not come.
    [[nodiscard]] std::uint64_t missingBefore(std::uint64_t end) const;

private:
    void moveBase();

    std::uint64_t m_first;
    std::uint64_t m_base;
    std::uint64_t m_top = 0;
    std::uint64_t m_wordBase; ///< the number of m_words' first bit
    std::vector<std::uint64_t> m_words;
};

} // namespace parlor::cli::load
