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
        , m_top(first)
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
    [[nodiscard]] std::uint64_t top() const { return m_top; }
    /// How many numbers below `end` have not come.
    [[nodiscard]] std::uint64_t missingBefore(std::uint64_t end) const;

private:
    static constexpr std::uint64_t kWordBits = 64;

    void moveBase(std::uint64_t base);
    /// The number of m_words' first bit.
    [[nodiscard]] std::uint64_t wordBase() const { return m_base / kWordBits * kWordBits; }

    std::uint64_t m_first;
    std::uint64_t m_base;
    std::uint64_t m_top;
    std::vector<std::uint64_t> m_words; ///< empty while all below m_top have come
};

} // namespace parlor::cli::load
