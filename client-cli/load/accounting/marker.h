// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/plan.h"

#include <string>
#include <string_view>

namespace parlor::cli::load {

/// What a message says about itself. It stands, as text, at the beginning of the content: the one thing that
/// a server of either dialect gives back unchanged.
struct Marker
{
    static constexpr std::size_t kBytes = 36; ///< as text
    static constexpr std::size_t kMaxContentBytes = 0xFFFF;
    static constexpr std::uint32_t kMaxSender = 0xFFFFFF;

    std::uint16_t run = 0;    ///< tells a run's messages from another's
    std::uint16_t room = 0;   ///< its place in the list of rooms
    std::uint32_t index = 0;  ///< its place among the messages that this run sent to the room
    std::uint32_t sender = 0; ///< the user; 24 bits
    Offset planned{};         ///< when it should have been sent; 48 bits
    Offset lag{};             ///< how much later it was; 24 bits, saturating
    bool operator==(const Marker &) const = default;
};

/// What there is of a run's message in a content.
struct MarkedContent
{
    enum class State : std::uint8_t {
        Intact,
        Altered, ///< the marker is whole, what follows it is not
        Damaged, ///< it was a marker: nothing in it can be believed
        Foreign, ///< another's message
    };
    State state = State::Foreign;
    Marker marker{}; ///< where Intact or Altered
};

/// Appends a content of `size` bytes (kBytes to kMaxContentBytes): the marker, and after it what a receiver
/// can check.
void appendContent(std::string &out, const Marker &marker, std::size_t size);
[[nodiscard]] MarkedContent readContent(std::string_view content, std::uint16_t run);

} // namespace parlor::cli::load
