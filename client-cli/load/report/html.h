// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

/// What the HTML report is made of. Pure.
namespace parlor::cli::load::html {

/// A text of anybody, as it may stand between tags and in attributes with double quotes: markup and what
/// steers a terminal or a line's direction has no effect; very long ones are cut (figures::printable).
[[nodiscard]] std::string escaped(std::string_view text);

/// <NAME ATTRIBUTES>CONTENT</NAME>. `attributes` and `content` are markup already.
[[nodiscard]] std::string element(std::string_view name, std::string_view attributes,
                                  std::string_view content);

/// A text of the user's or the server's, word for word: its digits are no figures of the report.
[[nodiscard]] std::string given(std::string_view text);

} // namespace parlor::cli::load::html
