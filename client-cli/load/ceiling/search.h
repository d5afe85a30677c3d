// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

namespace parlor::cli::load {

/// Where to look for the highest rate, messages a second of all users.
struct SearchRange
{
    double from = 10;
    double to = 1e6;         ///< no more is tried
    double least = 1;        ///< no less is
    double tolerance = 0.05; ///< the highest that passed is at most so much below the lowest that failed
    bool operator==(const SearchRange &) const = default;
};

/// Which rate to try next: doubles until one fails (or halves until one does not), then tries the middle, on
/// a scale of ratios, of what is left between. Pure.
class Search
{
public:
    explicit Search(const SearchRange &range)
        : m_range(range)
    {
    }

    /// nullopt: it is found, or there is none.
    [[nodiscard]] std::optional<double> next() const;
    /// How `rate` went, which next() had named: it did not fail, or it did.
    void note(double rate, bool hasHeld);

    /// The lowest that failed; nullopt: none did.
    [[nodiscard]] std::optional<double> failed() const { return m_failed; }

private:
    SearchRange m_range;
    std::optional<double> m_held; ///< the highest that did not fail
    std::optional<double> m_failed;
};

} // namespace parlor::cli::load
