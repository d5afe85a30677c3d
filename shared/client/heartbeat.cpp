// SPDX-License-Identifier: MIT
#include "shared/client/heartbeat.h"

#include <algorithm>

namespace parlor {

namespace {

/// For a server that names no interval; most middle boxes forget a quiet connection after 60 s.
constexpr std::chrono::milliseconds kDefaultInterval{25'000};

} // namespace

Heartbeat::Heartbeat(Requests &requests, const ClientOptions &options, QObject *parent)
    : QObject(parent)
    , m_requests(requests)
    , m_clock(options.clock)
    , m_minInterval(options.minPingInterval)
{
    m_doubt.setSingleShot(true);
    m_doubt.setInterval(options.doubtAfter);
    connect(&m_doubt, &QTimer::timeout, this, &Heartbeat::pingNow);
    m_silence.setSingleShot(true);
    m_silence.setInterval(options.deadAfter);
    connect(&m_next, &QTimer::timeout, this, &Heartbeat::pingNow);
    connect(&m_silence, &QTimer::timeout, this,
            [this] { Q_EMIT silenceDetected(m_silence.intervalAsDuration()); });
}

void Heartbeat::start(std::chrono::milliseconds interval)
{
    m_next.start(interval.count() > 0 ? std::clamp(interval, m_minInterval, kLongestWait) : kDefaultInterval);
    pingNow(); // the first round trip is worth knowing at once
}

void Heartbeat::stop()
{
    m_next.stop();
    m_doubt.stop();
    m_silence.stop();
}

void Heartbeat::frameSent()
{
    if (m_next.isActive() && !m_doubt.isActive() && !m_silence.isActive())
        m_doubt.start();
}

void Heartbeat::bytesArrived()
{
    m_doubt.stop();
    m_silence.stop();
}

void Heartbeat::pingNow()
{
    if (!m_requests.isOpen())
        return;
    const auto sent = m_clock.steady();
    m_requests.send(request::Ping{static_cast<double>(sent.count())}, [this, sent](const frame::Any *any) {
        if (std::get_if<frame::Pong>(any))
            Q_EMIT roundTripMeasured(m_clock.steady() - sent);
    });
    m_doubt.stop();
    if (!m_silence.isActive())
        m_silence.start();
}

} // namespace parlor
