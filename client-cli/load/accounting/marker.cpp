// SPDX-License-Identifier: MIT
#include "client-cli/load/accounting/marker.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace parlor::cli::load {

namespace {

constexpr std::string_view kTag = "~P1:";
constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kRawBytes = 24;
using Raw = std::array<std::uint8_t, kRawBytes>;

constexpr std::array<std::int8_t, 256> kValues = [] {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < kDigits.size(); ++i)
        values[static_cast<unsigned char>(kDigits[i])] = static_cast<std::int8_t>(i);
    return values;
}();

/// Big-endian fields, one after the other.
class Fields
{
public:
    explicit Fields(Raw &raw)
        : m_raw(raw)
    {
    }
    void put(std::uint64_t value, std::size_t bytes)
    {
        for (std::size_t i = 0; i < bytes; ++i)
            m_raw[m_at++] = static_cast<std::uint8_t>(value >> (8 * (bytes - 1 - i)));
    }
    std::uint64_t take(std::size_t bytes)
    {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < bytes; ++i)
            value = (value << 8) | m_raw[m_at++];
        return value;
    }

private:
    Raw &m_raw;
    std::size_t m_at = 0;
};

std::uint64_t word(const Raw &raw, std::size_t at, std::size_t bytes)
{
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i)
        value |= static_cast<std::uint64_t>(raw[at + i]) << (8 * i);
    return value;
}

/// A hash of all but the last two bytes, which hold it. Three multiplications by odd numbers, each of which
/// spreads a word's bits upwards: it is computed for each delivery.
std::uint16_t checkOf(const Raw &raw)
{
    std::uint64_t hash = 0;
    for (const std::uint64_t each : {word(raw, 0, 8), word(raw, 8, 8), word(raw, 16, 6)}) {
        hash = (hash ^ each) * 0x9E3779B97F4A7C15U;
        hash ^= hash >> 32;
    }
    return static_cast<std::uint16_t>(hash >> 16 ^ hash);
}

std::uint64_t saturated(Offset value, int bits)
{
    const std::uint64_t largest = (1ULL << bits) - 1;
    return value.count() < 0 ? 0 : std::min(static_cast<std::uint64_t>(value.count()), largest);
}

/// Each letter is seven after the one before it, and the message says with which they begin: a shift, a swap
/// or another message's text is seen.
constexpr std::size_t kLetters = 26;
constexpr std::size_t kStep = 7;
constexpr std::size_t kStepsToNext = 15; ///< of them, from a letter to the one after it: 7 * 15 = 1 (mod 26)
constexpr auto kPadding = [] {
    std::array<char, kLetters * 40> letters{};
    for (std::size_t i = 0; i < letters.size(); ++i)
        letters[i] = static_cast<char>('a' + i * kStep % kLetters);
    return letters;
}();

/// What stands at a place of a message and after it; as much of that as is at hand, `most` at most.
std::string_view padding(std::uint32_t index, std::size_t position, std::size_t most)
{
    const std::size_t first = (index + position * kStep) % kLetters * kStepsToNext % kLetters;
    return std::string_view(kPadding.data(), kPadding.size()).substr(first, most);
}

} // namespace

void appendContent(std::string &out, const Marker &marker, std::size_t size)
{
    assert(size >= Marker::kBytes && size <= Marker::kMaxContentBytes);
    Raw raw{};
    Fields fields(raw);
    fields.put(marker.run, 2);
    fields.put(marker.room, 2);
    fields.put(marker.index, 4);
    fields.put(marker.sender, 3);
    fields.put(size, 2);
    fields.put(saturated(marker.planned, 48), 6);
    fields.put(saturated(marker.lag, 24), 3);
    fields.put(checkOf(raw), 2);

    out.append(kTag);
    for (std::size_t i = 0; i < raw.size(); i += 3) {
        const std::uint32_t group = static_cast<std::uint32_t>(raw[i] << 16 | raw[i + 1] << 8 | raw[i + 2]);
        for (int shift = 18; shift >= 0; shift -= 6)
            out.push_back(kDigits[(group >> shift) & 63]);
    }
    for (std::size_t position = Marker::kBytes; position < size;) {
        const std::string_view part = padding(marker.index, position, size - position);
        out.append(part);
        position += part.size();
    }
}

MarkedContent readContent(std::string_view content, std::uint16_t run)
{
    using State = MarkedContent::State;
    if (!content.starts_with(kTag))
        return {State::Foreign};
    if (content.size() < Marker::kBytes)
        return {State::Damaged};
    Raw raw{};
    std::int32_t signs = 0;
    for (std::size_t i = 0; i < raw.size() / 3; ++i) {
        const auto value = [&](std::size_t place) -> std::int32_t {
            return kValues[static_cast<unsigned char>(content[kTag.size() + 4 * i + place])];
        };
        const std::int32_t group =
            value(0) * (1 << 18) | value(1) * (1 << 12) | value(2) * (1 << 6) | value(3);
        signs |= group; // of one that is no digit all upper bits are set
        raw[3 * i] = static_cast<std::uint8_t>(group >> 16);
        raw[3 * i + 1] = static_cast<std::uint8_t>(group >> 8);
        raw[3 * i + 2] = static_cast<std::uint8_t>(group);
    }
    if (signs < 0)
        return {State::Damaged};
    Fields fields(raw);
    Marker marker;
    marker.run = static_cast<std::uint16_t>(fields.take(2));
    marker.room = static_cast<std::uint16_t>(fields.take(2));
    marker.index = static_cast<std::uint32_t>(fields.take(4));
    marker.sender = static_cast<std::uint32_t>(fields.take(3));
    const std::uint64_t size = fields.take(2);
    marker.planned = Offset(static_cast<Offset::rep>(fields.take(6)));
    marker.lag = Offset(static_cast<Offset::rep>(fields.take(3)));
    if (fields.take(2) != checkOf(raw))
        return {State::Damaged};
    if (marker.run != run)
        return {State::Foreign};
    if (content.size() != size)
        return {State::Altered, marker};
    for (std::size_t position = Marker::kBytes; position < size;) {
        const std::string_view part = padding(marker.index, position, size - position);
        if (content.substr(position, part.size()) != part)
            return {State::Altered, marker};
        position += part.size();
    }
    return {State::Intact, marker};
}

} // namespace parlor::cli::load
