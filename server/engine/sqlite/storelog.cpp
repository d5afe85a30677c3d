// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/storelog.h"

#include <utility>

namespace parlor::sqlite {

namespace {

struct Wording
{
    const char *before; ///< the path
    const char *failing;
    const char *recovered;
    const char *attempts; ///< that failed
};

constexpr std::array<Wording, 3> kWordings{{
    {"the store ", " cannot be written, messages are refused until it can: ", " can be written again",
     nullptr},
    {"old messages cannot be dropped from ", ": ", " drops old messages again", nullptr},
    {"the store ", " cannot be read: ", " can be read again", "reads"},
}};

} // namespace

StoreLog::StoreLog(std::string path, std::string limits, Sinks sinks)
    : m_path(std::move(path))
    , m_limits(std::move(limits))
    , m_sinks(std::move(sinks))
{
}

void StoreLog::note(Activity activity, const Problem &problem, std::chrono::milliseconds now)
{
    m_troubles[static_cast<std::size_t>(activity)].note(problem);
    tell(activity, now);
}

const Problem &StoreLog::problem(Activity activity) const
{
    return m_troubles[static_cast<std::size_t>(activity)].problem();
}

void StoreLog::tell(Activity activity, std::chrono::milliseconds now)
{
    const auto index = static_cast<std::size_t>(activity);
    const auto news = m_troubles[index].news(now);
    if (!news)
        return;
    const Wording &words = kWordings[index];
    const Problem &problem = news->problem;
    std::string text = problem ? words.before + m_path + words.failing + problem.text + remedy(problem)
                               : "the store " + m_path + words.recovered;
    const bool isCounted = words.attempts && news->failures > (problem ? 1U : 0U);
    if (isCounted)
        text +=
            " (" + std::to_string(news->failures) + ' ' + words.attempts + " failed since it was last said)";
    m_sinks.warn(text);
}

void StoreLog::dropped(std::uint64_t messages)
{
    m_sinks.inform("dropped " + std::to_string(messages) + (messages == 1 ? " message" : " messages") +
                   " past " + m_limits);
}

} // namespace parlor::sqlite
