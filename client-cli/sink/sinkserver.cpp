// SPDX-License-Identifier: MIT
#include "client-cli/sink/sinkserver.h"

#include "client-cli/listeningsocket.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <iostream>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace parlor::cli::sink {

namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::size_t kTurnEvents = 512;
constexpr int kAcceptsPerTurn = 256;
constexpr std::chrono::microseconds kIdle = std::chrono::seconds(1);

std::string hostName()
{
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0)
        return "sink";
    return name.data();
}

} // namespace

SinkServer::SinkServer(const SinkOptions &options, FaultLog &log)
    : m_options(options)
    , m_log(log)
    , m_poller(kTurnEvents)
    , m_stalls(options.stalls.rbegin(), options.stalls.rend())
    , m_chat(m_options, hostName(), m_counts, log)
    , m_readBuffer(kReadBytes)
{
}

SinkServer::~SinkServer()
{
    m_connections.clear();
    for (const int descriptor : {m_listener, m_reserve}) {
        if (descriptor >= 0)
            ::close(descriptor);
    }
}

Result<void> SinkServer::listen()
{
    const auto socket = listenAt({.host = m_options.host, .port = m_options.port});
    if (!socket)
        return socket.error();
    m_listener = *socket;
    if (!m_poller.isValid() || !m_poller.add(m_listener, m_acceptDoor, EPOLLIN))
        return Error{.text = std::string("cannot wait for connections (epoll): ") + std::strerror(errno)};
    m_reserve = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const bool isV6 = m_options.host.find(':') != std::string::npos;
    m_url = "ws://" + (isV6 ? "[" + m_options.host + "]" : m_options.host) + ":" +
            std::to_string(listeningPort(m_listener));
    return {};
}

Result<void> SinkServer::run(int interrupts)
{
    ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); // else what is delayed is 50 µs late
    if (!m_poller.add(interrupts, m_interruptDoor, EPOLLIN))
        return Error{.text = std::string("cannot wait for signals (epoll): ") + std::strerror(errno)};
    while (!m_isEnding) {
        const int ready = m_poller.wait(untilNext());
        if (ready < 0)
            return Error{.text = std::string("cannot wait for sockets (epoll): ") + std::strerror(-ready)};
        keepStalls(m_clock.now(), interrupts);
        bury(); // nothing is delivered to those who went
        if (const Time now = m_clock.now(); now >= m_nextFlush) {
            m_chat.flush(now);
            m_nextFlush = now + m_options.gather;
        }
        bury();
    }
    return {};
}

std::chrono::microseconds SinkServer::untilNext() const
{
    std::chrono::microseconds until = kIdle;
    if (m_chat.isPending())
        until = std::min(until, m_nextFlush - m_clock.now());
    if (const auto due = m_chat.nextDue())
        until = std::min(until, std::max(*due, m_nextFlush) - m_clock.now());
    if (!m_stalls.empty() && m_firstConnection)
        until = std::min(until, *m_firstConnection + m_stalls.back().begin - m_clock.now());
    return until;
}

void SinkServer::keepStalls(Time now, int interrupts)
{
    while (!m_isEnding && m_firstConnection && !m_stalls.empty() &&
           *m_firstConnection + m_stalls.back().begin <= now) {
        const Stall stall = m_stalls.back();
        m_stalls.pop_back();
        ++m_counts.stalls;
        m_log.add(now, stall);
        const Time end = now + stall.length;
        pollfd interrupted{interrupts, POLLIN, 0};
        for (; now < end && (interrupted.revents & POLLIN) == 0; now = m_clock.now()) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - now);
            ::poll(&interrupted, 1, static_cast<int>(left.count()));
        }
    }
}

void SinkServer::accept()
{
    for (int i = 0; i < kAcceptsPerTurn; ++i) {
        const int descriptor = ::accept4(m_listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) {
            if ((errno != EMFILE && errno != ENFILE) || m_reserve < 0)
                return;
            // One that cannot be served is told so by its end, and does not wait at the door for ever.
            if (!std::exchange(m_hasToldOfLimit, true))
                std::cerr << "parlor-cli sink: no descriptor is left for more than " << m_connections.size()
                          << " connections: further ones are ended at once; raise ulimit -Hn\n";
            ::close(std::exchange(m_reserve, -1));
            const int refused = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
            if (refused >= 0)
                ::close(refused);
            m_reserve = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
            return;
        }
        const int on = 1;
        ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        auto connection = std::make_unique<Connection>(
            descriptor, ConnectionParts{m_poller, m_chat, m_counts, m_readBuffer, m_clock, m_waiting, m_over,
                                        m_options.dialects});
        if (!connection->start())
            continue;
        if (!m_firstConnection)
            m_firstConnection = m_clock.now();
        ++m_counts.connections;
        connection->place = m_connections.size();
        m_connections.push_back(std::move(connection));
    }
}

void SinkServer::bury()
{
    for (Connection *each : std::exchange(m_over, {})) {
        const std::size_t place = each->place;
        std::swap(m_connections[place], m_connections.back());
        m_connections[place]->place = place;
        m_connections.pop_back();
    }
}

} // namespace parlor::cli::sink
