// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/run/interval.h"

#include <mutex>
#include <optional>
#include <vector>

namespace parlor::cli::load {

/// Intervals on their way from a process's threads to the one that controls them, and emptied measurements on
/// their way back, so that none allocates histograms each second. The only thing that threads of a run both
/// write. It outlives them.
class IntervalQueue
{
public:
    IntervalQueue();
    ~IntervalQueue();
    IntervalQueue(const IntervalQueue &) = delete;
    IntervalQueue &operator=(const IntervalQueue &) = delete;

    /// False: the system gave no descriptor; errno said why.
    [[nodiscard]] bool isValid() const { return m_descriptor >= 0; }
    void post(Interval &&interval);
    /// All that came, in that order.
    [[nodiscard]] std::vector<Interval> take();
    /// Measurements that are needed no more, whatever they hold.
    void giveBack(Measurements &&measurements);
    /// Empty ones; nullopt: there are none to be had.
    [[nodiscard]] std::optional<Measurements> spare();

    /// Readable when take() has something.
    [[nodiscard]] int descriptor() const { return m_descriptor; }

private:
    std::mutex m_mutex;
    std::vector<Interval> m_posted;
    std::vector<Measurements> m_spares;
    int m_descriptor = -1;
};

} // namespace parlor::cli::load
