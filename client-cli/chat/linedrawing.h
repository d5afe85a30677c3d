// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parlor::cli {

struct TerminalSize
{
    int columns = 80;
    int rows = 24;
};

/// Of the terminal at stdout; of a usual one where it does not say.
[[nodiscard]] TerminalSize terminalSize();

/// Draws the line that is edited, over as many rows as it takes. Of a line with more rows than the terminal
/// it draws those around the cursor. It keeps no picture of the terminal, so that no size is too large or too
/// small, and one that changes needs no more than to be drawn again.
class LineDrawing
{
public:
    /// Clears what was drawn. The cursor is then where the line began. Where the size is another one since,
    /// some rows of the line may stay above, but nothing else that is there is cleared.
    [[nodiscard]] std::string clear(TerminalSize size);
    /// Clears, and draws this. `cursor`: the character of the text at which the cursor stands.
    [[nodiscard]] std::string draw(const QString &prompt, std::u32string_view text, std::size_t cursor,
                                   TerminalSize size);
    /// What was drawn stays; the next line begins at the left of the row where the cursor is.
    void leave()
    {
        m_widths.clear();
        m_widthAtCursor.reset();
    }

private:
    /// How many rows above the cursor the line begins, at a terminal with so many columns.
    [[nodiscard]] int rowsAbove(int columns) const;

    std::vector<int> m_widths;          ///< of all that is drawn before the cursor
    std::optional<int> m_widthAtCursor; ///< nullopt: the cursor is at the end
    int m_columns = 0;                  ///< of the terminal when it was drawn
};

} // namespace parlor::cli
