// SPDX-License-Identifier: MIT
#include "client-cli/chat/linedrawing.h"

#include "client-cli/chat/terminaltext.h"

#include <algorithm>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

namespace parlor::cli {

namespace {

/// What the terminal shows for a character, and how many columns it takes.
struct Cell
{
    char32_t character = U' ';
    int width = 1;
};

struct Place
{
    int row = 0;
    int column = 0;
};

int columnsOf(char32_t c)
{
    return c < 0x7f ? 1 : std::max(::wcwidth(static_cast<wchar_t>(c)), 0);
}

/// What is not harmless is shown as an escape, of several cells.
void append(std::vector<Cell> &cells, char32_t c)
{
    if (c >= 0x20 && c < 0x7f) {
        cells.push_back({c, 1});
        return;
    }
    for (const char32_t each : sanitised(QString::fromUcs4(&c, 1)).toStdU32String())
        cells.push_back({each, columnsOf(each)});
}

/// Where a terminal puts the next character: in the next row, if this one has no place for all of it.
class Writer
{
public:
    explicit Writer(int columns)
        : m_columns(columns)
    {
    }
    Place put(int width)
    {
        width = std::min(width, m_columns);
        if (m_next.column + width > m_columns)
            m_next = {m_next.row + 1, 0};
        const Place at = m_next;
        m_next.column += width;
        return at;
    }
    [[nodiscard]] bool isRowFull() const { return m_next.column >= m_columns; }
    /// Of the next character that takes a column.
    [[nodiscard]] Place next() const { return isRowFull() ? Place{m_next.row + 1, 0} : m_next; }

private:
    int m_columns;
    Place m_next;
};

std::string sequence(int count, char final)
{
    return count > 0 ? "\x1b[" + std::to_string(count) + final : std::string();
}

} // namespace

TerminalSize terminalSize()
{
    TerminalSize size;
    winsize told{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &told) != 0)
        return size;
    if (told.ws_col > 0)
        size.columns = told.ws_col;
    if (told.ws_row > 0)
        size.rows = told.ws_row;
    return size;
}

int LineDrawing::rowsAbove(int columns) const
{
    Writer writer(columns);
    for (const int width : m_widths)
        writer.put(width);
    return m_widthAtCursor ? writer.put(*m_widthAtCursor).row : writer.next().row;
}

std::string LineDrawing::clear(TerminalSize size)
{
    int row = rowsAbove(size.columns);
    // When their width changes some terminals arrange anew what they show, and some do not.
    if (m_columns > 0)
        row = std::min(row, rowsAbove(m_columns));
    leave();
    // The blank: some terminals keep what is cleared from their first cell on, above it.
    return sequence(std::min(row, size.rows - 1), 'A') + "\r \x1b[J\r";
}

std::string LineDrawing::draw(const QString &prompt, std::u32string_view text, std::size_t cursor,
                              TerminalSize size)
{
    std::string out = clear(size);
    m_columns = size.columns;
    std::vector<Cell> cells;
    for (const char32_t c : prompt.toStdU32String())
        append(cells, c);
    std::size_t cursorCell = cells.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
        append(cells, text[i]);
        if (i + 1 == cursor)
            cursorCell = cells.size();
    }

    Writer writer(size.columns);
    std::vector<Place> places;
    places.reserve(cells.size() + 1);
    for (const Cell &each : cells)
        places.push_back(writer.put(each.width));
    places.push_back(writer.next());
    const Place at = places[cursorCell];
    const int first = std::max(0, std::min(at.row, places.back().row + 1 - size.rows));
    const int last = std::min(places.back().row, first + size.rows - 1);

    std::u32string shown;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (places[i].row < first || places[i].row > last)
            continue;
        shown += cells[i].character;
        if (i < cursorCell)
            m_widths.push_back(cells[i].width);
    }
    out += QString::fromStdU32String(shown).toStdString();
    if (last == places.back().row && writer.isRowFull())
        out += " \r"; // a terminal enters the next row only with the next character
    if (cursorCell == cells.size())
        return out;
    m_widthAtCursor = cells[cursorCell].width;
    out += sequence(last - at.row, 'A') + '\r';
    return out + sequence(std::min(at.column, size.columns - 1), 'C');
}

} // namespace parlor::cli
