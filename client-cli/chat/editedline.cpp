// SPDX-License-Identifier: MIT
#include "client-cli/chat/editedline.h"

#include <QChar>

#include <algorithm>
#include <utility>

namespace parlor::cli {

namespace {

bool isOfWord(char32_t c)
{
    return QChar::isLetterOrNumber(c) || QChar::isMark(c) || c == U'_';
}

} // namespace

void EditedLine::set(std::u32string text)
{
    m_text = std::move(text);
    m_cursor = m_text.size();
}

void EditedLine::insert(std::u32string_view text)
{
    m_text.insert(m_cursor, text);
    m_cursor += text.size();
}

void EditedLine::erase(Motion motion)
{
    const auto [begin, end] = std::minmax({m_cursor, target(motion)});
    m_text.erase(begin, end - begin);
    m_cursor = begin;
}

void EditedLine::kill(Motion motion)
{
    const auto [begin, end] = std::minmax({m_cursor, target(motion)});
    m_killed = m_text.substr(begin, end - begin);
    erase(motion);
}

void EditedLine::killAll()
{
    m_killed = std::exchange(m_text, {});
    m_cursor = 0;
}

void EditedLine::transpose()
{
    if (m_cursor == 0 || m_text.size() < 2)
        return;
    m_cursor = std::min(m_cursor + 1, m_text.size());
    std::swap(m_text[m_cursor - 2], m_text[m_cursor - 1]);
}

void EditedLine::changeCase(LetterCase to)
{
    const std::size_t end = target(Motion::WordRight);
    bool upper = to != LetterCase::Lower;
    for (; m_cursor < end; ++m_cursor) {
        char32_t &c = m_text[m_cursor];
        if (!isOfWord(c))
            continue;
        c = upper ? QChar::toUpper(c) : QChar::toLower(c);
        upper = to == LetterCase::Upper;
    }
}

std::size_t EditedLine::target(Motion motion) const
{
    std::size_t at = m_cursor;
    const std::size_t end = m_text.size();
    switch (motion) {
    case Motion::Start:
        return 0;
    case Motion::End:
        return end;
    case Motion::Left: // an accent goes with its letter
        while (at > 0 && QChar::isMark(m_text[--at])) {
        }
        return at;
    case Motion::Right:
        while (at < end && ++at < end && QChar::isMark(m_text[at])) {
        }
        return at;
    case Motion::WordLeft:
        while (at > 0 && !isOfWord(m_text[at - 1]))
            --at;
        while (at > 0 && isOfWord(m_text[at - 1]))
            --at;
        return at;
    case Motion::WordRight:
        while (at < end && !isOfWord(m_text[at]))
            ++at;
        while (at < end && isOfWord(m_text[at]))
            ++at;
        return at;
    }
    return at;
}

} // namespace parlor::cli
