// SPDX-License-Identifier: MIT
#include "client-cli/load/poller.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <limits>
#include <unistd.h>

namespace parlor::cli::load {

namespace {

/// Of one turn: few enough that what is due to be sent does not wait for long.
constexpr int kEventsPerTurn = 32;

epoll_event eventFor(Pollable &target, std::uint32_t events)
{
    epoll_event event{};
    event.events = events;
    event.data.ptr = &target;
    return event;
}

} // namespace

Poller::Poller(PreciseWait preciseWait)
    : m_preciseWait(preciseWait)
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
    std::array<epoll_event, kEventsPerTurn> events;
    int ready = -1;
    if (m_preciseWait != nullptr) {
        ready = m_preciseWait(m_epoll, events.data(), kEventsPerTurn, &timeout, nullptr);
        if (ready < 0 && errno == ENOSYS)
            m_preciseWait = nullptr;
    }
    if (m_preciseWait == nullptr) {
        const auto milliseconds = std::min<std::int64_t>(
            std::chrono::ceil<std::chrono::milliseconds>(time).count(), std::numeric_limits<int>::max());
        ready = ::epoll_wait(m_epoll, events.data(), kEventsPerTurn, static_cast<int>(milliseconds));
    }
    if (ready < 0)
        return errno == EINTR ? 0 : errno;
    for (int i = 0; i < ready; ++i) {
        const epoll_event &event = events[static_cast<std::size_t>(i)];
        static_cast<Pollable *>(event.data.ptr)->onEvents(event.events);
    }
    return 0;
}

} // namespace parlor::cli::load
