// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/stage.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace parlor::cli::load {

/// Which of one user's words may be said now, in an open model: no more than a bound may be unanswered, and
/// what falls due meanwhile waits its turn. It keeps its planned time, so that its latency counts from there.
/// Pure.
class Turnstile
{
public:
    /// 0: any number may be unanswered.
    explicit Turnstile(std::uint32_t bound)
        : m_bound(bound)
    {
    }

    /// A word falls due, while so many are unanswered. False: it waits.
    [[nodiscard]] bool pass(Offset planned, std::size_t unanswered)
    {
        if (isFree(unanswered) && m_first == m_waiting.size())
            return true;
        m_waiting.push_back(planned);
        return false;
    }
    /// The next one that waits and may be said, now that so many are unanswered.
    [[nodiscard]] std::optional<Offset> next(std::size_t unanswered)
    {
        if (m_first == m_waiting.size() || !isFree(unanswered))
            return std::nullopt;
        const Offset planned = m_waiting[m_first++];
        if (m_first * 2 >= m_waiting.size())
            removeGone();
        return planned;
    }
    /// Those that wait; then none does.
    [[nodiscard]] std::vector<Offset> takeAll()
    {
        removeGone();
        return std::exchange(m_waiting, {});
    }

private:
    void removeGone()
    {
        m_waiting.erase(m_waiting.begin(), m_waiting.begin() + static_cast<std::ptrdiff_t>(m_first));
        m_first = 0;
    }
    [[nodiscard]] bool isFree(std::size_t unanswered) const { return m_bound == 0 || unanswered < m_bound; }

    std::uint32_t m_bound;
    /// Planned times, the oldest first. An empty deque would take 600 bytes of each user.
    std::vector<Offset> m_waiting;
    std::size_t m_first = 0; ///< of these: those before it are gone
};

} // namespace parlor::cli::load
