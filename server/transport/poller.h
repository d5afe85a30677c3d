// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>

namespace parlor {

/// Something with a descriptor that a Poller watches.
class Pollable
{
public:
    /// `events`: EPOLL* bits.
    virtual void onEvents(std::uint32_t events) = 0;

protected:
    ~Pollable() = default;
};

/// One epoll set, edge-triggered: each descriptor is registered once, for both directions (Linux). Its
/// worker's thread.
class Poller
{
public:
    /// `buffer` is the worker's, for its targets to read into.
    explicit Poller(std::span<char> buffer);
    ~Poller();
    Poller(const Poller &) = delete;
    Poller &operator=(const Poller &) = delete;

    /// `target` must live until remove() and to the end of the dispatch() that may be running.
    [[nodiscard]] bool add(int descriptor, Pollable &target);
    /// Reports again what is ready now, as if it had just become so.
    void rearm(int descriptor, Pollable &target);
    void remove(int descriptor);

    /// Hands out what is ready, without waiting. Returns whether there may be more.
    bool dispatch();

    /// Readable when something is ready.
    [[nodiscard]] int descriptor() const { return m_epoll; }
    /// Its contents last for one read.
    [[nodiscard]] std::span<char> buffer() const { return m_buffer; }

private:
    std::span<char> m_buffer;
    int m_epoll = -1;
};

} // namespace parlor
