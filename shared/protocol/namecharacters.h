// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Which characters a username may have (docs/protocol.md section 3). What Qt's tables do not know is of a
/// newer Unicode, and passes as a symbol.
namespace parlor::namecharacters {

/// Why this character of the name (in NFC) may not stand where it stands, for people; nullopt: it may.
[[nodiscard]] std::optional<std::string> mistake(std::u32string_view name, std::size_t at);
/// Whether it is a letter, digit, symbol or emoji, by which people can tell a name.
[[nodiscard]] bool isTelling(std::u32string_view name, std::size_t at);

/// Whether this tag is one of the flag of a country's part: a black flag, its code of three to six letters
/// and digits, an end (UTS 51, ED-14a and annex C). Others are text that nobody sees.
[[nodiscard]] bool isInFlag(std::u32string_view text, std::size_t at);
/// Its name in errors: U+0041.
[[nodiscard]] std::string codePoint(char32_t c);

} // namespace parlor::namecharacters
