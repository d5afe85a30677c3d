// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace parlor {

/// Text of a known length, which needs no allocation.
template <std::size_t Length>
struct FixedText
{
    std::array<char, Length> characters;
    /// Not explicit: it goes where text goes.
    operator std::string_view() const { return {characters.data(), Length}; }
};

} // namespace parlor
