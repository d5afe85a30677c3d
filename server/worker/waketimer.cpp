// SPDX-License-Identifier: MIT
#include "server/worker/waketimer.h"

#include <QtGlobal>

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>

namespace parlor {

WakeTimer::WakeTimer(EdgePoller &poller)
    : m_poller(poller)
    , m_timer(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) // steady_clock's
{
    if (m_timer < 0 || !m_poller.add(m_timer, *this))
        qFatal("cannot start a worker: no descriptor for its timer (raise the limit of open files)");
}

WakeTimer::~WakeTimer()
{
    m_poller.remove(m_timer);
    ::close(m_timer);
}

void WakeTimer::wakeAt(TimerWheel::Time moment)
{
    using namespace std::chrono;
    const auto sinceBoot = std::max(nanoseconds(moment.time_since_epoch()), nanoseconds(1)); // 0 disarms
    itimerspec setting{};
    setting.it_value.tv_sec = duration_cast<seconds>(sinceBoot).count();
    setting.it_value.tv_nsec = (sinceBoot % seconds(1)).count();
    ::timerfd_settime(m_timer, TFD_TIMER_ABSTIME, &setting, nullptr);
}

void WakeTimer::onEvents(std::uint32_t)
{
    std::uint64_t times = 0; // how often it expired; once read, it is not ready any more
    [[maybe_unused]] const ssize_t n = ::read(m_timer, &times, sizeof times);
}

} // namespace parlor
