// SPDX-License-Identifier: MIT
#include "client-cli/load/accounting/receivewindow.h"

#include <algorithm>
#include <cassert>

namespace parlor::cli::load {

namespace {

constexpr std::uint64_t kWordBits = 64;

std::uint64_t bit(std::uint64_t distance)
{
    return 1ULL << (distance % kWordBits);
}

} // namespace

bool ReceiveWindow::mark(std::uint64_t number)
{
    assert(number >= m_first && (number < m_base || number - m_base <= kMaxSpan));
    if (isMarked(number))
        return false;
    const std::uint64_t distance = number - m_wordBase;
    const std::size_t word = distance / kWordBits;
    if (word >= m_words.size())
        m_words.resize(word + 1);
    m_words[word] |= bit(distance);
    m_top = std::max(m_top, number + 1);
    if (number == m_base)
        moveBase();
    return true;
}

bool ReceiveWindow::isMarked(std::uint64_t number) const
{
    if (number < m_base)
        return true;
    const std::uint64_t distance = number - m_wordBase;
    const std::size_t word = distance / kWordBits;
    return word < m_words.size() && (m_words[word] & bit(distance)) != 0;
}

void ReceiveWindow::skipBase()
{
    ++m_base;
    moveBase();
}

void ReceiveWindow::moveBase()
{
    while (m_base < m_top && isMarked(m_base))
        ++m_base;
    const std::size_t done = std::min<std::size_t>((m_base - m_wordBase) / kWordBits, m_words.size());
    if (done > 0) {
        m_words.erase(m_words.begin(), m_words.begin() + static_cast<std::ptrdiff_t>(done));
        m_wordBase += done * kWordBits;
    }
    if (m_words.empty())
        m_wordBase = m_base;
}

std::uint64_t ReceiveWindow::missingBefore(std::uint64_t end) const
{
    std::uint64_t missing = 0;
    for (std::uint64_t number = m_base; number < std::min(end, m_top); ++number)
        missing += isMarked(number) ? 0 : 1;
    return missing + (end > std::max(m_base, m_top) ? end - std::max(m_base, m_top) : 0);
}

} // namespace parlor::cli::load
