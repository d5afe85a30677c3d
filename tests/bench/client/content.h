// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parlor::bench {

/// What is published: the room and the message's number there, filled up to a size. A receiver checks every
/// byte of it.
class Content
{
public:
    static constexpr std::size_t kMinSize = 17;

    /// `size` at least kMinSize.
    explicit Content(std::size_t size);

    /// Valid until the next call.
    [[nodiscard]] std::string_view write(std::uint32_t room, std::uint32_t number);
    /// The number; nothing if this is not, to the byte, what was published in that room.
    [[nodiscard]] std::optional<std::uint32_t> read(std::string_view content, std::uint32_t room) const;

private:
    std::string m_text;
};

} // namespace parlor::bench
