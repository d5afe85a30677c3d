// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/fixedtext.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace parlor {

/// 128 bits that sort by their time of making; 26 characters of Crockford's base 32 on the wire.
class Ulid
{
public:
    static constexpr std::size_t kTextLength = 26;

    constexpr Ulid() = default;
    constexpr Ulid(std::uint64_t high, std::uint64_t low)
        : m_high(high)
        , m_low(low)
    {
    }

    [[nodiscard]] static std::optional<Ulid> parse(std::string_view text);
    [[nodiscard]] FixedText<kTextLength> text() const;
    [[nodiscard]] std::string toString() const { return text().toString(); }
    [[nodiscard]] bool isNull() const { return m_high == 0 && m_low == 0; }
    /// Of its making, since 1970.
    [[nodiscard]] std::chrono::milliseconds time() const { return std::chrono::milliseconds(m_high >> 16); }
    [[nodiscard]] std::uint64_t hash() const { return m_high ^ (m_low * 0x9E3779B97F4A7C15ULL); }

    constexpr bool operator==(const Ulid &) const = default;
    constexpr bool operator<(const Ulid &other) const
    {
        return m_high != other.m_high ? m_high < other.m_high : m_low < other.m_low;
    }

private:
    std::uint64_t m_high = 0; ///< 48 bits of milliseconds since 1970, 16 random bits
    std::uint64_t m_low = 0;
};

/// Makes ids, each greater than the one before, from a time that the caller brings. One thread at a time.
class UlidSource
{
public:
    explicit UlidSource(std::uint64_t seed)
        : m_random(seed)
    {
    }
    /// Seeded from the system's entropy.
    UlidSource();
    [[nodiscard]] Ulid next(std::chrono::milliseconds sinceEpoch);

private:
    std::mt19937_64 m_random;
    std::uint64_t m_lastTime = 0;
    std::uint16_t m_high = 0;
    std::uint64_t m_low = 0;
};

struct UlidHash
{
    std::size_t operator()(const Ulid &id) const { return id.hash(); }
};

} // namespace parlor
