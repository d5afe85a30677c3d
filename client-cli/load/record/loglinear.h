// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace parlor::cli::load {

/// Buckets for values of up to 32 bits: those below 2 * kHalf have one each; from there on every octave is
/// cut into kHalf buckets, so that none is wider than its lowest value / kHalf.
template <int HalfBits>
struct LogLinear
{
    static constexpr int kValueBits = 32;
    static constexpr std::uint64_t kHalf = 1ULL << HalfBits;
    static constexpr std::uint64_t kLargest = (1ULL << kValueBits) - 1;
    static constexpr std::size_t kBuckets = (kValueBits - HalfBits + 1) * kHalf;

    [[nodiscard]] static int shiftOf(std::uint64_t value)
    {
        return std::max(0, static_cast<int>(std::bit_width(value)) - (HalfBits + 1));
    }
    /// Larger values share the last bucket.
    [[nodiscard]] static std::size_t indexOf(std::uint64_t value)
    {
        value = std::min(value, kLargest);
        const int shift = shiftOf(value);
        return static_cast<std::size_t>(static_cast<std::uint64_t>(shift) * kHalf + (value >> shift));
    }
    [[nodiscard]] static std::uint64_t lowOf(std::size_t index)
    {
        if (index < 2 * kHalf)
            return index;
        const std::uint64_t shift = index / kHalf - 1;
        return (index % kHalf + kHalf) << shift;
    }
};

} // namespace parlor::cli::load
