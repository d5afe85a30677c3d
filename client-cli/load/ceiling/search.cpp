// SPDX-License-Identifier: MIT
#include "client-cli/load/ceiling/search.h"

#include <algorithm>
#include <cmath>

namespace parlor::cli::load {

std::optional<double> Search::next() const
{
    if (!m_held && !m_failed)
        return m_range.from;
    if (!m_failed)
        return *m_held >= m_range.to ? std::nullopt : std::optional(std::min(*m_held * 2, m_range.to));
    if (!m_held)
        return *m_failed <= m_range.least ? std::nullopt
                                          : std::optional(std::max(*m_failed / 2, m_range.least));
    if (*m_failed <= *m_held * (1 + m_range.tolerance))
        return std::nullopt;
    return std::sqrt(*m_held * *m_failed);
}

/// What held once counts, even if something below it failed.
void Search::note(double rate, bool hasHeld)
{
    if (hasHeld) {
        m_held = std::max(m_held.value_or(rate), rate);
        if (m_failed && *m_failed <= *m_held)
            m_failed.reset();
    } else {
        m_failed = std::min(m_failed.value_or(rate), rate);
    }
}

} // namespace parlor::cli::load
