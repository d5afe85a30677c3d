// SPDX-License-Identifier: MIT
#include "tests/support/tlsclient.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>

namespace parlor::test {

namespace {

SSL_CTX *context()
{
    static SSL_CTX *const made = SSL_CTX_new(TLS_client_method());
    return made;
}

} // namespace

struct TlsClient::Session
{
    SSL *ssl = SSL_new(context());
    BIO *in = BIO_new(BIO_s_mem());
    BIO *out = BIO_new(BIO_s_mem());
};

TlsClient::TlsClient()
    : m_session(std::make_unique<Session>())
{
    SSL_set_bio(m_session->ssl, m_session->in, m_session->out); // which owns them from now on
    SSL_set_connect_state(m_session->ssl);
}

TlsClient::~TlsClient()
{
    SSL_free(m_session->ssl);
}

void TlsClient::judge(int result)
{
    switch (SSL_get_error(m_session->ssl, result)) {
    case SSL_ERROR_NONE:
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        break;
    case SSL_ERROR_ZERO_RETURN:
        m_peerEnded = true;
        break;
    default:
        m_failed = true;
    }
    ERR_clear_error();
}

void TlsClient::shakeHands()
{
    judge(SSL_do_handshake(m_session->ssl));
}

bool TlsClient::isEstablished() const
{
    return SSL_is_init_finished(m_session->ssl) == 1;
}

void TlsClient::encrypt(QByteArrayView plain)
{
    judge(SSL_write(m_session->ssl, plain.data(), static_cast<int>(plain.size())));
}

void TlsClient::end()
{
    SSL_shutdown(m_session->ssl);
    ERR_clear_error();
}

QByteArray TlsClient::takeOutput()
{
    QByteArray bytes(static_cast<qsizetype>(BIO_ctrl_pending(m_session->out)), Qt::Uninitialized);
    if (!bytes.isEmpty())
        BIO_read(m_session->out, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
}

void TlsClient::received(QByteArrayView bytes)
{
    BIO_write(m_session->in, bytes.data(), static_cast<int>(bytes.size()));
}

QByteArray TlsClient::decrypt()
{
    QByteArray plain;
    std::array<char, 16 * 1024> record; // NOLINT(cppcoreguidelines-pro-type-member-init): OpenSSL fills it
    for (;;) {
        const int n = SSL_read(m_session->ssl, record.data(), static_cast<int>(record.size()));
        if (n <= 0) {
            judge(n);
            return plain;
        }
        plain.append(record.data(), n);
    }
}

} // namespace parlor::test
