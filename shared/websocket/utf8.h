// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace parlor::websocket {

/// Checks UTF-8 (RFC 3629) that arrives in pieces, and sees a mistake at the first octet that makes it one.
class Utf8Validator
{
public:
    /// False once the text so far can be no beginning of valid UTF-8.
    [[nodiscard]] bool feed(std::string_view bytes);
    /// Whether the text so far ends with a whole code point.
    [[nodiscard]] bool isComplete() const { return m_expected == 0; }
    void reset() { *this = {}; }

private:
    std::uint8_t m_expected = 0; ///< continuation octets still to come
    std::uint8_t m_low = 0x80;   ///< what the next one may be at least …
    std::uint8_t m_high = 0xBF;  ///< … and at most
};

/// The whole text at once.
[[nodiscard]] bool isValidUtf8(std::string_view text);

} // namespace parlor::websocket
