// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/sqlite/database.h"

#include <chrono>
#include <optional>

namespace parlor::sqlite {

/// What fails and recovers, again and again perhaps, and when people are to be told: at once, but not more
/// often than they can read it. One thread at a time.
class Trouble
{
public:
    /// What became of the last attempt.
    void note(const Problem &problem);
    [[nodiscard]] const Problem &problem() const { return m_problem; }

    struct News
    {
        Problem problem{};          ///< none: it has recovered
        std::uint64_t failures = 0; ///< since the last news
    };
    /// What people are to be told now, if anything. `now` may be set back.
    [[nodiscard]] std::optional<News> news(std::chrono::milliseconds now);

private:
    Problem m_problem{};
    std::uint64_t m_failures = 0;
    bool m_toldFailing = false;
    std::optional<std::chrono::milliseconds> m_toldAt{};
};

} // namespace parlor::sqlite
