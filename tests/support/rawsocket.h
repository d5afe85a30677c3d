// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/tlsclient.h"
#include "tests/support/wire.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QDeadlineTimer>

#include <chrono>
#include <cstdint>
#include <memory>

namespace parlor::test {

/// How long a test waits for what must come. Never the thing that is measured: only a hung server meets it.
inline constexpr std::chrono::milliseconds kPatience{20'000};

/// A TCP client on loopback that does exactly what it is told, blocking, each call bounded by kPatience. On a
/// wire with TLS all bytes are those inside it; the handshake takes place before the first one is sent, so a
/// client that sends nothing is silent on the wire too.
class RawSocket
{
public:
    enum class End : std::uint8_t {
        None, ///< the peer may still send
        Eof, ///< an orderly end: FIN, after close_notify where there was TLS and the client did not end first
        Reset, ///< RST, an end without close_notify, or another error of the connection
    };

    explicit RawSocket(Wire wire = wireUnderTest())
        : m_wire(wire)
    {
    }
    ~RawSocket() { close(); }
    RawSocket(const RawSocket &) = delete;
    RawSocket &operator=(const RawSocket &) = delete;
    RawSocket(RawSocket &&other) noexcept;
    RawSocket &operator=(RawSocket &&other) noexcept;

    /// `receiveBuffer`: bytes of SO_RCVBUF, set before connecting; 0: the system's default.
    [[nodiscard]] bool connectTo(std::uint16_t port, int receiveBuffer = 0);

    /// All of it, or false if the connection ended or nothing moved within kPatience.
    [[nodiscard]] bool send(QByteArrayView bytes);
    /// As send(), in writes of `chop` bytes at most; each is a segment, and a record, of its own (no Nagle).
    [[nodiscard]] bool sendChopped(QByteArrayView bytes, qsizetype chop);
    /// All of it as it is, past TLS where that is spoken.
    [[nodiscard]] bool sendPlain(QByteArrayView bytes) { return pushAll(bytes); }
    /// As much as the kernel takes without waiting; returns how many bytes.
    [[nodiscard]] qsizetype sendWhatFits(QByteArrayView bytes);

    /// Exactly n bytes; fewer if the peer ended or `patience` is over.
    [[nodiscard]] QByteArray receive(qsizetype n, std::chrono::milliseconds patience = kPatience);
    /// Up to and with `mark`; without it if that does not come or more than `limit` bytes do.
    [[nodiscard]] QByteArray receiveUntil(QByteArrayView mark, qsizetype limit);
    /// All until the peer's end, at most `limit` bytes.
    [[nodiscard]] QByteArray receiveAll(qsizetype limit, std::chrono::milliseconds patience = kPatience);
    /// Whether nothing comes, not even an end, for this long. Returns at once if something did.
    [[nodiscard]] bool isQuietFor(std::chrono::milliseconds time);
    /// Reads what is there without waiting, and throws it away; how the connection stands after it.
    End discard();

    /// How the peer ended, as far as it was read.
    [[nodiscard]] End end() const { return m_end; }
    [[nodiscard]] bool isOpen() const { return m_descriptor >= 0; }

    void finishSending(); ///< close_notify inside TLS, else FIN; receiving goes on
    void reset();         ///< RST
    void close();

private:
    /// Waits for bytes and appends them to m_buffer; false at the peer's end or the deadline.
    bool fill(const QDeadlineTimer &deadline);
    bool waitFor(short events, const QDeadlineTimer &deadline) const;
    /// What the kernel takes without waiting.
    qsizetype push(QByteArrayView bytes);
    bool pushAll(QByteArrayView bytes);
    bool pushOutput();
    bool shakeHands();
    /// An orderly end of TCP: of what?
    [[nodiscard]] End endOfStream() const;

    Wire m_wire;
    int m_descriptor = -1;
    QByteArray m_buffer; ///< received and not yet taken
    End m_end = End::None;
    std::unique_ptr<TlsClient> m_tls; ///< from the first byte that is sent on a wire with TLS
    QByteArray m_output;              ///< of m_tls, and not yet sent
    bool m_ended = false;             ///< by finishSending()
};

} // namespace parlor::test
