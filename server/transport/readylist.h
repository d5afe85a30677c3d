// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <utility>
#include <vector>

namespace parlor {

/// Something that has events to report once its worker's turn has come.
class Reporter
{
public:
    /// May ask for another report. No Reporter is destroyed while one reports.
    virtual void report() = 0;

protected:
    virtual ~Reporter() = default;

private:
    friend class ReadyList;
    bool m_isListed = false;
};

/// What a Poller is to descriptors, for transports that hear of their events by signals: they wait here for
/// the worker's turn. So a listener is never called from inside a call to Qt, which emits from within write()
/// and flush(), and the events of many connections share one turn. Its worker's thread.
class ReadyList
{
public:
    /// `wake` asks for a dispatch() soon: before the event loop waits for descriptors again, since what was
    /// read must be answered before QTcpSocket reads that the peer has ended, and closes.
    explicit ReadyList(std::function<void()> wake)
        : m_wake(std::move(wake))
    {
    }
    ReadyList(const ReadyList &) = delete;
    ReadyList &operator=(const ReadyList &) = delete;

    void add(Reporter &reporter);
    void remove(Reporter &reporter);
    /// Lets each report once. Those that are added meanwhile wait for the next time.
    void dispatch();

private:
    std::function<void()> m_wake;
    std::vector<Reporter *> m_waiting;
};

} // namespace parlor
