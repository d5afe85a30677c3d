// SPDX-License-Identifier: MIT
#pragma once

#include "server/worker/workerconnection.h"
#include "server/worker/workercontext.h"

#include <list>

namespace parlor {

/// A connection whose request head is being read, or whose HTTP response is on its way. It ends there, or
/// hands its transport over to a WebSocketConnection.
class RequestConnection final : public WorkerConnection
{
public:
    RequestConnection(std::unique_ptr<Transport> transport, WorkerContext &context);
    ~RequestConnection() override;

    void onBytes(std::span<char> bytes) override;
    void onWritable() override;
    void onPeerFinished() override;
    void onBroken() override;
    void abort() override;

    /// Ends this connection: too many have no whole head yet, and it is the oldest of them.
    void evict();
    /// The worker's list of half-open connections that it is in, for as long as it is one, and where.
    std::list<RequestConnection *> *halfOpen = nullptr;
    std::list<RequestConnection *>::iterator halfOpenPosition{};

    [[nodiscard]] std::unique_ptr<Transport> takeTransport() { return std::move(m_transport); }

protected:
    void onDeadline() override;

private:
    enum class State : std::uint8_t {
        Reading,   ///< the head
        Answering, ///< the response is being sent
        Draining,  ///< all is sent, and the client reads: closing with unread bytes would take the response
                   ///< back
        Done,
    };
    void handle(const RequestHead &head);
    void handleUpgrade();
    void refuseUpgrade(HandshakeResult result, const HttpError &error, std::string_view fields);
    void respond(std::string_view response);
    void sendRest();
    void done();

    WorkerContext &m_context;
    std::unique_ptr<HeadReader> m_reader; ///< until the head is whole
    std::string m_rest;                   ///< of the response, not sent yet
    State m_state = State::Reading;
};

} // namespace parlor
