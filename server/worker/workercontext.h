// SPDX-License-Identifier: MIT
#pragma once

#include "server/http/endpoints.h"
#include "server/http/handshake.h"
#include "server/ops/metrics.h"
#include "server/peer/application.h"
#include "server/worker/admission.h"
#include "server/worker/connectionlimits.h"
#include "server/worker/flusher.h"
#include "server/worker/timerwheel.h"

#include <deque>
#include <string>

namespace parlor {

class WorkerConnection;
class RequestConnection;
class WebSocketConnection;

/// A request that became a WebSocket.
struct Upgrade
{
    std::string_view response; ///< the 101
    std::string_view subprotocol;
    QHostAddress address;
    Credential credential;
    Admission::Ticket ticket;
};

/// What connections ask of their worker, and what they share there. Worker's thread.
class WorkerContext
{
public:
    virtual void upgrade(RequestConnection &from, Upgrade upgrade) = 0;
    /// It has become a WebSocket, or is over: it is half open no more.
    virtual void leaveHalfOpen(RequestConnection &connection) = 0;
    /// Call settle() at the end of the turn: the WebSocket is over, or has input to go on with.
    virtual void settleLater(WebSocketConnection &connection) = 0;
    /// Destroy it at the end of the turn.
    virtual void retire(WorkerConnection &connection) = 0;

    [[nodiscard]] SteadyTime now() const { return m_now; }

    const ConnectionLimits &limits = m_limits;
    const StatusSource &status;
    Admission &admission;
    WorkerMetrics &metrics;
    TimerWheel wheel;
    std::deque<std::string> pings; ///< of the connection that is being read, not answered yet

    [[nodiscard]] Handshake &handshake() { return *m_handshake; }
    [[nodiscard]] Application &application() { return *m_application; }
    [[nodiscard]] Flusher<WebSocketConnection> &flusher() { return *m_flusher; }

protected:
    WorkerContext(const ConnectionLimits &connectionLimits, const StatusSource &statusSource, Admission &gate,
                  WorkerMetrics &workerMetrics)
        : status(statusSource)
        , admission(gate)
        , metrics(workerMetrics)
        , wheel(std::chrono::steady_clock::now())
        , m_limits(connectionLimits)
        , m_now(std::chrono::steady_clock::now())
    {
    }
    ~WorkerContext() = default;

    ConnectionLimits m_limits; ///< readers refer to it
    SteadyTime m_now;

    std::unique_ptr<Handshake> m_handshake;
    std::unique_ptr<Flusher<WebSocketConnection>> m_flusher;
    std::unique_ptr<Application> m_application;
};

} // namespace parlor
