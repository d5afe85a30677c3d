// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/sqlite/trouble.h"

#include <array>
#include <cstdint>
#include <functional>
#include <string>

namespace parlor::sqlite {

/// What the log says of a store's failures and recoveries, at a rate that people can read. An activity is one
/// thread's.
class StoreLog
{
public:
    /// For the log, from any thread: what is wrong, and what is only good to know.
    struct Sinks
    {
        std::function<void(const std::string &text)> warn = [](const std::string &) {};
        std::function<void(const std::string &text)> inform = [](const std::string &) {};
    };
    enum class Activity : std::uint8_t {
        Writing,
        Dropping, ///< what need not be kept any longer; the writing thread's, too
        Reading,
    };

    /// `limits`: the options by which messages are dropped.
    StoreLog(std::string path, std::string limits, Sinks sinks);

    /// What became of the last attempt. `now`: since 1970.
    void note(Activity activity, const Problem &problem, std::chrono::milliseconds now);
    /// What could not be told yet.
    void tell(Activity activity, std::chrono::milliseconds now);
    [[nodiscard]] const Problem &problem(Activity activity) const;
    void dropped(std::uint64_t messages);

private:
    const std::string m_path;
    const std::string m_limits;
    const Sinks m_sinks;
    std::array<Trouble, 3> m_troubles{}; ///< by Activity
};

} // namespace parlor::sqlite
