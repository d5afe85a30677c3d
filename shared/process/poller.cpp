// SPDX-License-Identifier: MIT
#include "shared/process/poller.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <limits>
#include <unistd.h>

namespace parlor {

namespace {

epoll_event eventFor(Pollable &target, std::uint32_t events)
{
    epoll_event event{};
    event.events = events;
    event.data.ptr = &target;
    return event;
}

} // namespace

Poller::Poller(std::size_t eventsPerTurn, PreciseWait preciseWait)
    : m_events(eventsPerTurn)
    , m_preciseWait(preciseWait)
    , m_epoll(::epoll_create1(EPOLL_CLOEXEC))
{
}

Poller::~Poller()
{
    if (m_epoll >= 0)
        ::close(m_epoll);
}

bool Poller::add(int descriptor, Pollable &target, std::uint32_t events)
{
    epoll_event event = eventFor(target, events);
    return ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void Poller::change(int descriptor, Pollable &target, std::uint32_t events)
{
    epoll_event event = eventFor(target, events);
    [[maybe_unused]] const int changed = ::epoll_ctl(m_epoll, EPOLL_CTL_MOD, descriptor, &event);
    assert(changed == 0);
}

void Poller::remove(int descriptor)
{
    ::epoll_ctl(m_epoll, EPOLL_CTL_DEL, descriptor, nullptr);
}

int Poller::wait(std::chrono::nanoseconds atMost)
{
    const auto time = std::max(atMost, std::chrono::nanoseconds::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
    const timespec timeout{seconds.count(), (time - seconds).count()};
    const auto most = static_cast<int>(m_events.size());
    int ready = -1;
    if (m_preciseWait != nullptr) {
        ready = m_preciseWait(m_epoll, m_events.data(), most, &timeout, nullptr);
        if (ready < 0 && errno == ENOSYS)
            m_preciseWait = nullptr;
    }
    if (m_preciseWait == nullptr) {
        const auto milliseconds = std::min<std::int64_t>(
            std::chrono::ceil<std::chrono::milliseconds>(time).count(), std::numeric_limits<int>::max());
        ready = ::epoll_wait(m_epoll, m_events.data(), most, static_cast<int>(milliseconds));
    }
    if (ready < 0)
        return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < ready; ++i) {
        const epoll_event &event = m_events[static_cast<std::size_t>(i)];
        static_cast<Pollable *>(event.data.ptr)->onEvents(event.events);
    }
    return ready;
}

} // namespace parlor
