// SPDX-License-Identifier: MIT
#include "shared/protocol/ulid.h"

#include <array>

namespace parlor {

namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

constexpr std::array<std::int8_t, 256> makeReverse()
{
    std::array<std::int8_t, 256> table{};
    for (auto &entry : table)
        entry = -1;
    for (std::size_t i = 0; i < kAlphabet.size(); ++i)
        table[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
    return table;
}
constexpr auto kReverse = makeReverse();

} // namespace

std::optional<Ulid> Ulid::parse(std::string_view text)
{
    if (text.size() != kTextLength || text[0] > '7')
        return std::nullopt;
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    for (char c : text) {
        const int digit = kReverse[static_cast<unsigned char>(c)];
        if (digit < 0)
            return std::nullopt;
        high = (high << 5) | (low >> 59);
        low = (low << 5) | static_cast<std::uint64_t>(digit);
    }
    return Ulid(high, low);
}

FixedText<Ulid::kTextLength> Ulid::text() const
{
    FixedText<kTextLength> out{};
    std::uint64_t high = m_high;
    std::uint64_t low = m_low;
    for (std::size_t i = kTextLength; i-- > 0;) {
        out.characters[i] = kAlphabet[low & 31];
        low = (low >> 5) | (high << 59);
        high >>= 5;
    }
    return out;
}

UlidSource::UlidSource()
{
    std::random_device entropy;
    std::seed_seq seed{entropy(), entropy(), entropy(), entropy(),
                       entropy(), entropy(), entropy(), entropy()};
    m_random.seed(seed);
}

Ulid UlidSource::next(std::chrono::milliseconds sinceEpoch)
{
    const auto time = static_cast<std::uint64_t>(sinceEpoch.count());
    if (time > m_lastTime) {
        m_lastTime = time;
        m_high = static_cast<std::uint16_t>(m_random());
        m_low = m_random();
    } else if (++m_low == 0 && ++m_high == 0) {
        ++m_lastTime; // 2^80 ids in one millisecond, or a clock that went back: borrow from the future
    }
    return Ulid((m_lastTime << 16) | m_high, m_low);
}

} // namespace parlor
