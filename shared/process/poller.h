// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <sys/epoll.h>
#include <vector>

namespace parlor {

/// Something with a descriptor that a Poller watches.
class Pollable
{
public:
    /// `events`: EPOLL* bits. It may remove itself, and must outlive the wait() that called it.
    virtual void onEvents(std::uint32_t events) = 0;

protected:
    ~Pollable() = default;
};

/// An epoll set (Linux), where Qt's dispatcher would look at every descriptor at every turn. One a thread.
class Poller
{
public:
    /// epoll_pwait2(2), which Linux has since 5.11.
    using PreciseWait = int (*)(int, epoll_event *, int, const timespec *, const sigset_t *);

    /// A wait() hands out `eventsPerTurn` at most. Without a precise wait it counts milliseconds.
    explicit Poller(std::size_t eventsPerTurn, PreciseWait preciseWait = &::epoll_pwait2);
    ~Poller();
    Poller(const Poller &) = delete;
    Poller &operator=(const Poller &) = delete;

    [[nodiscard]] bool isValid() const { return m_epoll >= 0; }
    /// `events`: EPOLL* bits, EPOLLET among them for an edge-triggered one. False: errno says why.
    [[nodiscard]] bool add(int descriptor, Pollable &target, std::uint32_t events);
    /// Whatever is ready now is reported again.
    void change(int descriptor, Pollable &target, std::uint32_t events);
    void remove(int descriptor);
    /// Hands out what is ready, or becomes so in this time; where it counts milliseconds, up to one later.
    /// Returns how much that was; negative: it cannot wait, and this is -errno.
    [[nodiscard]] int wait(std::chrono::nanoseconds atMost);

    /// Readable when something is ready.
    [[nodiscard]] int descriptor() const { return m_epoll; }

private:
    std::vector<epoll_event> m_events; ///< of a turn
    PreciseWait m_preciseWait;
    int m_epoll = -1;
};

} // namespace parlor
