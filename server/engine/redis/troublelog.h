// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>

namespace parlor::redis {

/// Tells the log of each kind of trouble once a minute at most. One thread.
class TroubleLog
{
public:
    explicit TroubleLog(std::function<void(const std::string &text)> sink)
        : m_sink(std::move(sink))
    {
    }
    void warn(const std::string &kind, const std::string &text)
    {
        const auto now = std::chrono::steady_clock::now();
        auto &next = m_next[kind];
        if (now < next)
            return;
        next = now + std::chrono::minutes(1);
        m_sink(text);
    }

private:
    std::function<void(const std::string &text)> m_sink;
    std::map<std::string, std::chrono::steady_clock::time_point> m_next; ///< by kind
};

} // namespace parlor::redis
