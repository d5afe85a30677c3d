// SPDX-License-Identifier: MIT
#include "client-cli/load/accounting/receivewindow.h"

#include <algorithm>
#include <cassert>

namespace parlor::cli::load {

namespace {

std::uint64_t bit(std::uint64_t number)
{
    return 1ULL << (number % 64);
}

} // namespace

bool ReceiveWindow::mark(std::uint64_t number)
{
    assert(number >= m_first && (number < m_base || number - m_base <= kMaxSpan));
    if (isMarked(number))
        return false;
    if (number == m_base && m_words.empty()) { // nearly always
        m_top = ++m_base;
        return true;
    }
    const std::size_t word = (number - wordBase()) / kWordBits;
    if (word >= m_words.size())
        m_words.resize(word + 1);
    m_words[word] |= bit(number);
    m_top = std::max(m_top, number + 1);
    if (number == m_base)
        moveBase(number + 1);
    return true;
}

bool ReceiveWindow::isMarked(std::uint64_t number) const
{
    if (number < m_base)
        return true;
    const std::size_t word = (number - wordBase()) / kWordBits;
    return word < m_words.size() && (m_words[word] & bit(number)) != 0;
}

void ReceiveWindow::skipBase()
{
    moveBase(m_base + 1);
}

/// To this number, or past those that follow it and have come.
void ReceiveWindow::moveBase(std::uint64_t base)
{
    while (base < m_top && isMarked(base))
        ++base;
    const std::uint64_t done = base / kWordBits - m_base / kWordBits;
    m_base = base;
    if (m_base >= m_top)
        m_words.clear();
    else
        m_words.erase(m_words.begin(), m_words.begin() + static_cast<std::ptrdiff_t>(done));
}

std::uint64_t ReceiveWindow::missingBefore(std::uint64_t end) const
{
    std::uint64_t missing = 0;
    for (std::uint64_t number = m_base; number < std::min(end, m_top); ++number)
        missing += isMarked(number) ? 0 : 1;
    return missing + (end > std::max(m_base, m_top) ? end - std::max(m_base, m_top) : 0);
}

} // namespace parlor::cli::load
