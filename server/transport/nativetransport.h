// SPDX-License-Identifier: MIT
#pragma once

#include "server/transport/edgepoller.h"
#include "server/transport/slab.h"
#include "server/transport/transport.h"

namespace parlor {

/// Bytes of a TCP descriptor (Linux), read into its worker's one buffer and sent without a copy of ours.
class NativeTransport final : public Transport, private Pollable
{
public:
    /// Takes the descriptor: a connected socket, which has TCP_NODELAY from its listener.
    NativeTransport(int descriptor, EdgePoller &poller);
    ~NativeTransport() override;

    static void *operator new(std::size_t, Slab &slab) { return slab.allocate(); }
    static void operator delete(void *object, Slab &) { Slab::release(object); }
    static void operator delete(void *object) { Slab::release(object); }

    /// False: the system refused to watch it; nothing will ever be reported.
    [[nodiscard]] bool isWatched() const { return !m_broken; }

    void setListener(TransportListener &listener) override { m_listener = &listener; }
    [[nodiscard]] SendResult send(std::span<const std::string_view> pieces) override;
    void pauseReading() override { m_paused = true; }
    void resumeReading() override;
    void finishSending() override;
    void abort() override;
    [[nodiscard]] bool hasPeerFinished() const override { return parlor::hasPeerFinished(m_descriptor); }
    [[nodiscard]] int descriptor() const override { return m_descriptor; }
    [[nodiscard]] QHostAddress peerAddress() const override;

private:
    void onEvents(std::uint32_t events) override;
    void read(bool untilEnd);

    int m_descriptor;
    bool m_paused = false;
    bool m_finished = false; ///< the peer's FIN was reported
    bool m_broken = false;
    EdgePoller &m_poller;
    TransportListener *m_listener = nullptr;
};

} // namespace parlor
