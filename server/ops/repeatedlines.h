// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace parlor::log {

/// Lets the first few of equal lines through, and counts the others until sweep(). Any thread.
class RepeatedLines
{
public:
    static constexpr std::uint64_t kMost = 10; ///< equal lines between two sweeps
    static constexpr std::size_t kMostKinds = 1'000;

    /// Whether to write it. Past kMostKinds no line is left out.
    [[nodiscard]] bool admit(const std::string &line)
    {
        const std::scoped_lock lock(m_mutex);
        if (m_seen.size() >= kMostKinds && !m_seen.contains(line))
            return true;
        return ++m_seen[line] <= kMost;
    }

    /// The lines that were left out since the last sweep, and how often.
    [[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> sweep()
    {
        std::unordered_map<std::string, std::uint64_t> seen;
        {
            const std::scoped_lock lock(m_mutex);
            seen.swap(m_seen);
        }
        std::vector<std::pair<std::string, std::uint64_t>> leftOut;
        for (auto &[line, count] : seen) {
            if (count > kMost)
                leftOut.emplace_back(line, count - kMost);
        }
        return leftOut;
    }

private:
    std::mutex m_mutex;
    std::unordered_map<std::string, std::uint64_t> m_seen;
};

} // namespace parlor::log
