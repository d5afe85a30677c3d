// SPDX-License-Identifier: MIT
#include "client-cli/load/run/intervalqueue.h"

#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace parlor::cli::load {

IntervalQueue::IntervalQueue()
    : m_descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
}

IntervalQueue::~IntervalQueue()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

void IntervalQueue::post(Interval &&interval)
{
    {
        const std::lock_guard lock(m_mutex);
        m_posted.push_back(std::move(interval));
    }
    ::eventfd_write(m_descriptor, 1);
}

std::vector<Interval> IntervalQueue::take()
{
    eventfd_t posted = 0;
    ::eventfd_read(m_descriptor, &posted);
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_posted, {});
}

void IntervalQueue::giveBack(Measurements &&measurements)
{
    measurements.clear();
    const std::lock_guard lock(m_mutex);
    m_spares.push_back(std::move(measurements));
}

std::optional<Measurements> IntervalQueue::spare()
{
    const std::lock_guard lock(m_mutex);
    if (m_spares.empty())
        return std::nullopt;
    std::optional<Measurements> spare(std::move(m_spares.back()));
    m_spares.pop_back();
    return spare;
}

} // namespace parlor::cli::load
