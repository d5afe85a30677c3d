// SPDX-License-Identifier: MIT
#pragma once

#include "shared/process/poller.h"

#include <QtGlobal>

#include <span>

namespace parlor {

/// A worker's Poller: each descriptor is registered once, edge-triggered, for both directions. Worker's
/// thread.
class EdgePoller final : private Poller
{
public:
    /// `buffer` is the worker's, for its targets to read into.
    explicit EdgePoller(std::span<char> buffer)
        : Poller(kEventsPerTurn, nullptr) // it never waits: Qt does, for its descriptor
        , m_buffer(buffer)
    {
        if (!isValid())
            qFatal("cannot start a worker: no descriptor for epoll (raise the limit of open files)");
    }

    /// `target` must live until remove() and to the end of the dispatch() that may be running.
    [[nodiscard]] bool add(int descriptor, Pollable &target)
    {
        return Poller::add(descriptor, target, kEvents);
    }
    /// Reports again what is ready now, as if it had just become so.
    void rearm(int descriptor, Pollable &target) { change(descriptor, target, kEvents); }
    /// Hands out what is ready, without waiting; what is left over, next time.
    void dispatch() { static_cast<void>(wait({})); }
    using Poller::descriptor;
    using Poller::remove;

    /// Its contents last for one read.
    [[nodiscard]] std::span<char> buffer() const { return m_buffer; }

private:
    static constexpr std::size_t kEventsPerTurn = 512;
    static constexpr std::uint32_t kEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

    std::span<char> m_buffer;
};

} // namespace parlor
