// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <sys/epoll.h>

namespace parlor::cli::load {

/// Something with a descriptor that a Poller watches.
class Pollable
{
public:
    /// `events`: EPOLL* bits. It may remove itself, and must outlive the wait() that called it.
    virtual void onEvents(std::uint32_t events) = 0;

protected:
    ~Pollable() = default;
};

/// A level-triggered epoll set (Linux), where Qt's dispatcher would look at every socket at every turn. One a
/// thread.
class Poller
{
public:
    /// epoll_pwait2(2), which Linux has since 5.11.
    using PreciseWait = int (*)(int, epoll_event *, int, const timespec *, const sigset_t *);

    explicit Poller(PreciseWait preciseWait = &::epoll_pwait2);
    ~Poller();
    Poller(const Poller &) = delete;
    Poller &operator=(const Poller &) = delete;

    [[nodiscard]] bool isValid() const { return m_epoll >= 0; }
    /// False: errno says why.
    [[nodiscard]] bool add(int descriptor, Pollable &target, std::uint32_t events);
    void change(int descriptor, Pollable &target, std::uint32_t events);
    void remove(int descriptor);
    /// Hands out what is ready, or becomes so in this time; where the kernel counts milliseconds only, up to
    /// one later. Not 0: it cannot wait, and the errno says why.
    [[nodiscard]] int wait(std::chrono::nanoseconds atMost);

private:
    PreciseWait m_preciseWait;
    int m_epoll = -1;
};

} // namespace parlor::cli::load
