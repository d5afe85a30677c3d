// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// What the bench says to a server and what it understands. All content that it publishes is digits and
/// filler, so that nothing in it needs escaping.
namespace parlor::bench {

enum class Dialect : std::uint8_t {
    V1,    ///< docs/protocol.md section 2: Parlor, and servers like the tutorial's
    Rooms, ///< the peers': the first message names a room and comes back, every other goes to that whole room
};

enum class FrameKind : std::uint8_t {
    Greeting, ///< the server's first frame, where it has one
    Joined,   ///< the answer to a join
    Message,  ///< what somebody published, to a member
    Other,    ///< presence, v1's echo, errors
};

struct Incoming
{
    FrameKind kind = FrameKind::Other;
    std::string_view content{}; ///< of a message, or all of an Other
};

[[nodiscard]] std::string_view path(Dialect dialect);
/// Whether a connection is open only after a Greeting.
[[nodiscard]] bool greets(Dialect dialect);
[[nodiscard]] std::string roomName(std::uint32_t room);
[[nodiscard]] std::string joinRequest(Dialect dialect, std::uint32_t room);
[[nodiscard]] std::string publishRequest(Dialect dialect, std::string_view content);
[[nodiscard]] Incoming understand(Dialect dialect, std::string_view frame);

} // namespace parlor::bench
