// SPDX-License-Identifier: MIT
#include "server/transport/poller.h"

#include <QtGlobal>

#include <sys/epoll.h>
#include <unistd.h>

#include <array>

namespace parlor {

namespace {

constexpr std::uint32_t kEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

} // namespace

Poller::Poller(std::span<char> buffer)
    : m_buffer(buffer)
    , m_epoll(::epoll_create1(EPOLL_CLOEXEC))
{
    if (m_epoll < 0)
        qFatal("cannot start a worker: no descriptor for epoll (raise the limit of open files)");
}

Poller::~Poller()
{
    ::close(m_epoll);
}

bool Poller::add(int descriptor, Pollable &target)
{
    epoll_event event{};
    event.events = kEvents;
    event.data.ptr = &target;
    return ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void Poller::rearm(int descriptor, Pollable &target)
{
    epoll_event event{};
    event.events = kEvents;
    event.data.ptr = &target;
    ::epoll_ctl(m_epoll, EPOLL_CTL_MOD, descriptor, &event);
}

void Poller::remove(int descriptor)
{
    ::epoll_ctl(m_epoll, EPOLL_CTL_DEL, descriptor, nullptr);
}

bool Poller::dispatch()
{
    std::array<epoll_event, 512> events{};
    const int count = ::epoll_wait(m_epoll, events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i) {
        const epoll_event &event = events[static_cast<std::size_t>(i)];
        static_cast<Pollable *>(event.data.ptr)->onEvents(event.events);
    }
    return count == static_cast<int>(events.size());
}

} // namespace parlor
