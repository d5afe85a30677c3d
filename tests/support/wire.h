// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

#include <cstdint>

namespace parlor::test {

/// What carries the bytes between a test and its server. The variable PARLOR_TEST_TRANSPORT chooses it for a
/// whole test program, which need not know: native (the default), send, qt or tls.
enum class Wire : std::uint8_t {
    Native, ///< sends by io_uring, where that works
    Send,   ///< as Native, with one system call a send
    Qt,     ///< plain TCP through the server's QtTransport
    Tls,    ///< wss:// with TestCertificate
};

[[nodiscard]] Wire wireUnderTest();

/// Makes a certificate for localhost and 127.0.0.1 that signed itself, and its key, by openssl.
[[nodiscard]] bool makeCertificate(const QString &certificateFile, const QString &keyFile);

/// A certificate for localhost and 127.0.0.1 that signed itself, made by openssl in a temporary folder of
/// this process when first asked for.
class TestCertificate
{
public:
    /// Files, PEM. Empty: openssl did not make them.
    [[nodiscard]] static QString certificate();
    [[nodiscard]] static QString key();
};

} // namespace parlor::test
