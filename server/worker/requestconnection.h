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
    RequestConnection(std::unique_ptr<Transport> transport, WorkerContext &context, Door door);
    ~RequestConnection() override;

    void onBytes(std::span<char> bytes) override;
    void onWritable() override;
    void onPeerFinished() override;
    void onBroken() override;
    void abort() override;

    /// Ends this connection: too many have no whole head yet, or do not read their answer, and it is the
    /// oldest.
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
    [[nodiscard]] bool identify(std::string_view subprotocol, Credential &credential);
    void refuse(HandshakeResult result, const HttpResponse &response);
    void noteRefused(HandshakeResult result, int status, std::string_view reason);
    [[nodiscard]] QHostAddress address() const;
    void respond(std::string_view response);
    void sendRest();
    void done();

    WorkerContext &m_context;
    const Door m_door;
    std::unique_ptr<HeadReader> m_reader; ///< until the head is whole
    std::string m_rest;                   ///< of the response, not sent yet
    State m_state = State::Reading;
    bool m_hasHead = false; ///< a whole one is in the reader
};

} // namespace parlor
