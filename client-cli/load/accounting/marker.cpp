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

/// FNV-1a of all but the last two bytes, folded into those.
std::uint16_t checkOf(const Raw &raw)
{
    std::uint32_t hash = 2166136261U;
    for (std::size_t i = 0; i + 2 < raw.size(); ++i)
        hash = (hash ^ raw[i]) * 16777619U;
    return static_cast<std::uint16_t>((hash >> 16) ^ hash);
}

std::uint64_t saturated(Offset value, int bits)
{
    const std::uint64_t largest = (1ULL << bits) - 1;
    return value.count() < 0 ? 0 : std::min(static_cast<std::uint64_t>(value.count()), largest);
}

/// The letter at a place of a message: a shift, a swap or another message's text is seen.
char padding(std::uint32_t index, std::size_t position)
{
    return static_cast<char>('a' + (index + position * 7) % 26);
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
    for (std::size_t position = Marker::kBytes; position < size; ++position)
        out.push_back(padding(marker.index, position));
}

MarkedContent readContent(std::string_view content, std::uint16_t run)
{
    using State = MarkedContent::State;
    if (!content.starts_with(kTag))
        return {State::Foreign};
    if (content.size() < Marker::kBytes)
        return {State::Damaged};
    Raw raw{};
    for (std::size_t i = 0; i < raw.size() / 3; ++i) {
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            const int value = kValues[static_cast<unsigned char>(content[kTag.size() + 4 * i + j])];
            if (value < 0)
                return {State::Damaged};
            group = group << 6 | static_cast<std::uint32_t>(value);
        }
        raw[3 * i] = static_cast<std::uint8_t>(group >> 16);
        raw[3 * i + 1] = static_cast<std::uint8_t>(group >> 8);
        raw[3 * i + 2] = static_cast<std::uint8_t>(group);
    }
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
    for (std::size_t position = Marker::kBytes; position < size; ++position) {
        if (content[position] != padding(marker.index, position))
            return {State::Altered, marker};
    }
    return {State::Intact, marker};
}

} // namespace parlor::cli::load
