// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace parlor::cli::load {

enum class Colours : std::uint8_t { Off, On };

enum class Style : std::uint8_t { Plain, Dim, Bold, Good, Warning, Bad };

/// How many columns a terminal takes for a character: 0, 1 or 2.
[[nodiscard]] int columnsOf(char32_t c);
/// How many columns a terminal takes for this UTF-8 text.
[[nodiscard]] int columnsOf(std::string_view text);

/// A line of a terminal: texts, each with its style. Pure.
class ScreenLine
{
public:
    /// UTF-8 without control characters: figures::printable() makes it of a stranger's.
    ScreenLine &add(std::string_view text, Style style = Style::Plain);
    /// Blanks up to this column, and one at least unless it is the line's first.
    ScreenLine &to(int column);

    /// Of all that was added.
    [[nodiscard]] int columns() const { return m_columns; }
    [[nodiscard]] bool isEmpty() const { return m_texts.empty(); }
    /// As much of it as has its place in so many columns. What does not end there ends with "…".
    [[nodiscard]] std::string drawn(int columns, Colours colours) const;

private:
    struct Text
    {
        std::string text;
        Style style;
    };
    std::vector<Text> m_texts;
    int m_columns = 0;
};

} // namespace parlor::cli::load
