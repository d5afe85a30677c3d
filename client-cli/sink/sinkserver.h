// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/sink/connection.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace parlor::cli::sink {

/// The sink: a listener, its connections, and the loop that serves them. One thread.
class SinkServer
{
public:
    /// `log` outlives it.
    SinkServer(const SinkOptions &options, FaultLog &log);
    ~SinkServer();

    /// The error says what cannot be listened on, and why.
    [[nodiscard]] Result<void> listen();
    /// ws://HOST:PORT, once it listens.
    [[nodiscard]] const std::string &url() const { return m_url; }
    /// Serves until there is a byte to read from `interrupts`. The error: it cannot wait for sockets.
    [[nodiscard]] Result<void> run(int interrupts);

    [[nodiscard]] const SinkCounts &counts() const { return m_counts; }
    [[nodiscard]] std::chrono::microseconds uptime() const { return m_clock.now(); }

private:
    /// Calls the sink when there is something to read.
    class Door final : public Pollable
    {
    public:
        Door(SinkServer &server, void (SinkServer::*entered)())
            : m_server(server)
            , m_entered(entered)
        {
        }
        void onEvents(std::uint32_t) override { (m_server.*m_entered)(); }

    private:
        SinkServer &m_server;
        void (SinkServer::*m_entered)();
    };

    void accept();
    void interrupt() { m_isEnding = true; }
    void keepStalls(Time now, int interrupts);
    [[nodiscard]] std::chrono::microseconds untilNext() const;
    void bury();

    const SinkOptions &m_options;
    FaultLog &m_log;
    SinkCounts m_counts;
    Poller m_poller;
    Clock m_clock;
    std::optional<Time> m_firstConnection;
    Time m_nextFlush{};
    std::vector<Stall> m_stalls; ///< that are still to come; the next one is the last of them
    Chat m_chat;
    std::vector<char> m_readBuffer;
    std::size_t m_waiting = 0;
    std::vector<Connection *> m_over;
    std::vector<std::unique_ptr<Connection>> m_connections;
    Door m_acceptDoor{*this, &SinkServer::accept};
    Door m_interruptDoor{*this, &SinkServer::interrupt};
    std::string m_url;
    int m_listener = -1;
    int m_reserve = -1; ///< a descriptor to give up when there are no more
    bool m_hasToldOfLimit = false;
    bool m_isEnding = false;
};

} // namespace parlor::cli::sink
