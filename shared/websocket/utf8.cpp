// SPDX-License-Identifier: MIT
#include "shared/websocket/utf8.h"

#include <cstring>

namespace parlor::websocket {

bool Utf8Validator::feed(std::string_view bytes)
{
    const char *at = bytes.data();
    const char *const end = at + bytes.size();
    while (at != end) {
        if (m_expected == 0) {
            constexpr std::uint64_t kHighBits = 0x8080808080808080ULL;
            std::uint64_t word = 0;
            while (end - at >= 8 && (std::memcpy(&word, at, 8), (word & kHighBits) == 0))
                at += 8;
            if (at == end)
                return true;
        }
        const auto c = static_cast<std::uint8_t>(*at++);
        if (m_expected != 0) {
            if (c < m_low || c > m_high)
                return false;
            --m_expected;
            m_low = 0x80;
            m_high = 0xBF;
        } else if (c >= 0x80) {
            // RFC 3629 §4: the second octet's range keeps out overlong forms, surrogates and what lies past
            // U+10FFFF.
            if (c < 0xC2 || c > 0xF4)
                return false;
            m_expected = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
            if (c == 0xE0)
                m_low = 0xA0;
            else if (c == 0xED)
                m_high = 0x9F;
            else if (c == 0xF0)
                m_low = 0x90;
            else if (c == 0xF4)
                m_high = 0x8F;
        }
    }
    return true;
}

bool isValidUtf8(std::string_view text)
{
    Utf8Validator validator;
    return validator.feed(text) && validator.isComplete();
}

} // namespace parlor::websocket
