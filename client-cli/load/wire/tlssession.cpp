// SPDX-License-Identifier: MIT
#include "client-cli/load/wire/tlssession.h"

#include <cerrno>
#include <cstring>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <utility>

namespace parlor::cli::load {

namespace {

std::string sessionReason(unsigned long error)
{
    const char *reason = ERR_reason_error_string(error);
    return reason != nullptr ? reason : "error " + std::to_string(error);
}

} // namespace

TlsSession::TlsSession(const TlsContext &context, int descriptor, const std::string &host,
                       const Resumable &earlier)
    : m_ssl(context.newConnection(descriptor, host))
    , m_host(host)
{
    if (!m_ssl)
        return;
    SSL_set_app_data(m_ssl.get(), m_learnt.get());
    if (earlier)
        SSL_set_session(m_ssl.get(), earlier.get());
}

TlsSession::Progress TlsSession::shakeHands()
{
    if (!m_ssl) {
        m_failure = "there is no memory for TLS: ask for fewer users";
        return Progress::Failed;
    }
    ERR_clear_error();
    const Progress progress = judge(SSL_do_handshake(m_ssl.get()));
    m_isEstablished = progress == Progress::Done;
    return progress;
}

TlsSession::Moved TlsSession::read(std::span<char> buffer)
{
    ERR_clear_error();
    Moved moved;
    moved.progress = judge(SSL_read_ex(m_ssl.get(), buffer.data(), buffer.size(), &moved.bytes));
    return moved;
}

TlsSession::Moved TlsSession::write(std::string_view bytes)
{
    ERR_clear_error();
    Moved moved;
    moved.progress = judge(SSL_write_ex(m_ssl.get(), bytes.data(), bytes.size(), &moved.bytes));
    return moved;
}

bool TlsSession::hasPending() const
{
    return SSL_has_pending(m_ssl.get()) == 1;
}

void TlsSession::end()
{
    // OpenSSL forbids to resume what ended without it.
    if (m_isEstablished && m_failure.empty()) {
        ERR_clear_error();
        SSL_shutdown(m_ssl.get());
    }
}

bool TlsSession::wasResumed() const
{
    return SSL_session_reused(m_ssl.get()) == 1;
}

TlsSession::Progress TlsSession::judge(int result)
{
    if (result > 0)
        return Progress::Done;
    const int number = errno;
    switch (SSL_get_error(m_ssl.get(), result)) {
    case SSL_ERROR_WANT_READ:
        return Progress::WantsRead;
    case SSL_ERROR_WANT_WRITE:
        return Progress::WantsWrite;
    case SSL_ERROR_ZERO_RETURN:
        return Progress::Ended;
    case SSL_ERROR_SYSCALL:
        m_failure = number != 0 ? std::strerror(number) : "the server ended the connection";
        return Progress::Failed;
    default:
        break;
    }
    const unsigned long error = ERR_peek_error();
    if (!m_isEstablished)
        m_failure = handshakeFailure(error);
    else if (ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
        return Progress::Ended;
    else
        m_failure = "TLS: " + sessionReason(error);
    return Progress::Failed;
}

std::string TlsSession::handshakeFailure(unsigned long error) const
{
    const long verified = SSL_get_verify_result(m_ssl.get());
    const bool isOfCertificate = ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED;
    if (isOfCertificate) {
        const std::string what = X509_verify_cert_error_string(verified);
        switch (verified) {
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return "the server's certificate is not for '" + m_host + "' but for " + m_learnt->refusedNames +
                   ": give the name that it is for, or --insecure for a test";
        case X509_V_ERR_CERT_HAS_EXPIRED:
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return "the server's certificate is out of its time (" + what +
                   "): renew it, or give --insecure for a test";
        default:
            return "the server's certificate is not trusted (" + what +
                   "): give its CA with --ca-file FILE, or --insecure for a test";
        }
    }
    switch (ERR_GET_REASON(error)) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
        return "the server does not answer in TLS (" + sessionReason(error) +
               "): give ws:// instead of wss://";
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
        return "the server ended the connection during the TLS handshake";
    default:
        return "the TLS handshake failed: " + sessionReason(error);
    }
}

} // namespace parlor::cli::load
