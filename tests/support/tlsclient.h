// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <memory>

namespace parlor::test {

/// The client's side of TLS as a function from bytes to bytes, by OpenSSL without a socket, so that a test
/// says itself what goes to the wire, and when. It trusts every certificate.
class TlsClient
{
public:
    TlsClient();
    ~TlsClient();
    TlsClient(const TlsClient &) = delete;
    TlsClient &operator=(const TlsClient &) = delete;

    /// One step of the handshake, with what received() was told.
    void shakeHands();
    [[nodiscard]] bool isEstablished() const;

    /// One record (or several, past 16 KiB) with these bytes, for takeOutput().
    void encrypt(QByteArrayView plain);
    /// close_notify, for takeOutput().
    void end();
    /// What is to be sent now.
    [[nodiscard]] QByteArray takeOutput();

    /// Bytes of the server came.
    void received(QByteArrayView bytes);
    /// What they were, decrypted, as far as whole records are there.
    [[nodiscard]] QByteArray decrypt();
    /// The server's close_notify was among them.
    [[nodiscard]] bool peerHasEnded() const { return m_peerEnded; }
    /// What came is no TLS, or an alert.
    [[nodiscard]] bool hasFailed() const { return m_failed; }

private:
    void judge(int result);

    struct Session;
    std::unique_ptr<Session> m_session;
    bool m_peerEnded = false;
    bool m_failed = false;
};

} // namespace parlor::test
