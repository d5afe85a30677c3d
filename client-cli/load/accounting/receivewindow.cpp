// SPDX-License-Identifier: MIT
#include "client-cli/load/accounting/receivewindow.h"

#include <algorithm>
#include <bit>
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
    if (end <= m_base)
        return 0;
    // The numbers from wordBase() on: those below the base have no bits any more, or have them still.
    const std::uint64_t bits = end - wordBase();
    std::uint64_t marked = 0;
    for (std::size_t word = 0; word < m_words.size() && word * kWordBits < bits; ++word) {
        std::uint64_t some = m_words[word];
        if (word == 0)
            some &= ~0ULL << (m_base % kWordBits);
        if (const std::uint64_t left = bits - word * kWordBits; left < kWordBits)
            some &= bit(left) - 1;
        marked += static_cast<std::uint64_t>(std::popcount(some));
    }
    return end - m_base - marked;
}

} // namespace parlor::cli::load
