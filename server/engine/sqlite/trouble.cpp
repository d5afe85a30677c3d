// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/trouble.h"

#include <utility>

namespace parlor::sqlite {

namespace {

constexpr std::chrono::seconds kTellInterval{10};

} // namespace

void Trouble::note(const Problem &problem)
{
    m_problem = problem;
    if (problem)
        ++m_failures;
}

std::optional<Trouble::News> Trouble::news(std::chrono::milliseconds now)
{
    const bool isFailing = static_cast<bool>(m_problem);
    if (isFailing == m_toldFailing)
        return std::nullopt;
    if (isFailing) {
        if (m_toldAt && std::chrono::abs(now - *m_toldAt) < kTellInterval)
            return std::nullopt;
        m_toldAt = now;
    }
    m_toldFailing = isFailing;
    return News{m_problem, std::exchange(m_failures, 0)};
}

} // namespace parlor::sqlite
