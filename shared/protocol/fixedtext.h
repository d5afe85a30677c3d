// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace parlor {

/// Text of a known length, which needs no allocation.
template <std::size_t Length>
struct FixedText
{
    std::array<char, Length> characters;
    [[nodiscard]] std::string toString() const { return {characters.data(), Length}; }
    /// Not explicit: it goes where text goes. Not of a temporary: the view would outlive it.
    operator std::string_view() const & { return {characters.data(), Length}; }
    operator std::string_view() const && = delete;
};

} // namespace parlor
