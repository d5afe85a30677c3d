// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <memory>
#include <string>
#include <utility>

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;
using SSL_SESSION = struct ssl_session_st;

namespace parlor::cli::load {

struct SslDeleter
{
    void operator()(SSL *ssl) const;
    void operator()(SSL_CTX *context) const;
    void operator()(SSL_SESSION *session) const;
};

/// Which certificates are believed.
struct TlsTrust
{
    std::string caFile{};    ///< PEM, besides the system's; empty: none
    bool isInsecure = false; ///< any will do
};

/// What all TLS connections of a run share. Made once, before the threads; after that it only is read, by all
/// of them.
class TlsContext
{
public:
    /// The error is the user's: the file is not there, or holds no certificate.
    [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> make(const TlsTrust &trust);

    /// `host`: whom the certificate must name; an address, or a name, that is told to the server too (SNI).
    [[nodiscard]] std::unique_ptr<SSL, SslDeleter> newConnection(int descriptor,
                                                                 const std::string &host) const;

private:
    explicit TlsContext(std::unique_ptr<SSL_CTX, SslDeleter> context)
        : m_context(std::move(context))
    {
    }
    std::unique_ptr<SSL_CTX, SslDeleter> m_context;
};

} // namespace parlor::cli::load
