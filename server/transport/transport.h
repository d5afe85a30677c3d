// SPDX-License-Identifier: MIT
#pragma once

#include <QHostAddress>

#include <cerrno>
#include <cstddef>
#include <span>
#include <string_view>

namespace parlor {

/// Told what happens to a Transport's bytes. It may destroy neither itself nor the Transport during a call:
/// the worker does that at the end of its turn.
class TransportListener
{
public:
    /// Bytes from the peer, in the worker's buffer: the listener may change them in place (unmasking).
    virtual void onBytes(std::span<char> bytes) = 0;
    /// There may be room again for what a send left over.
    virtual void onWritable() = 0;
    /// The peer ended its direction (FIN). Its bytes are all delivered; ours may still go out.
    virtual void onPeerFinished() = 0;
    /// The connection is broken: reset, timed out. No bytes go either way.
    virtual void onBroken() = 0;

protected:
    ~TransportListener() = default;
};

/// Reads of one event before others get their turn.
inline constexpr int kReadsInARow = 8;

/// Whether a send that failed with this errno ends the connection; after others it may be tried again.
[[nodiscard]] constexpr bool breaksConnection(int error)
{
    return error != EAGAIN && error != ENOBUFS && error != ENOMEM;
}

/// As Transport::hasPeerFinished(), of a socket.
[[nodiscard]] bool hasPeerFinished(int descriptor);

/// How far a send got.
struct SendResult
{
    std::size_t sent = 0;
    bool broken = false; ///< an error that no later try mends
};

/// Where a SendBatch sends: to a descriptor, or by asking.
class SendTarget
{
public:
    /// Sends the pieces one after the other, as far as they go without waiting. What is left over is sent
    /// again by the caller after TransportListener::onWritable().
    [[nodiscard]] virtual SendResult send(std::span<const std::string_view> pieces) = 0;
    /// The descriptor for batched sends; -1 if its bytes do not go to a descriptor as they are.
    [[nodiscard]] virtual int descriptor() const = 0;

protected:
    ~SendTarget() = default;
};

/// One connection's bytes, both ways. Lives on its worker's thread, owned by its WorkerConnection; destroying
/// it closes.
class Transport : public SendTarget
{
public:
    virtual ~Transport() = default;
    Transport(const Transport &) = delete;
    Transport &operator=(const Transport &) = delete;

    virtual void setListener(TransportListener &listener) = 0;
    /// Until resumeReading() no onBytes() comes; the peer is held back by its window.
    virtual void pauseReading() = 0;
    virtual void resumeReading() = 0;
    /// Ends our direction (FIN) behind what was sent.
    virtual void finishSending() = 0;
    /// Whatever is unsent is thrown away and the peer gets a reset.
    virtual void abort() = 0;

    /// Whether the peer has ended the connection behind what was read, by asking the kernel: onPeerFinished()
    /// or onBroken() is about to come.
    [[nodiscard]] virtual bool hasPeerFinished() const { return false; }
    /// A handshake of the transport's own (TLS) is over; without one, always.
    [[nodiscard]] virtual bool isEstablished() const { return true; }
    [[nodiscard]] virtual QHostAddress peerAddress() const = 0;

protected:
    Transport() = default;
};

} // namespace parlor
