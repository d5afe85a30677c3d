// SPDX-License-Identifier: MIT
#include "client-cli/load/wire/tlscontext.h"

#include "client-cli/load/wire/tlssession.h"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <utility>

namespace parlor::cli::load {

namespace {

bool isAddressLiteral(const std::string &host)
{
    std::array<unsigned char, sizeof(in6_addr)> address{};
    return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

std::string reasonOf(unsigned long error)
{
    const char *reason = ERR_reason_error_string(error);
    return reason != nullptr ? reason : "error " + std::to_string(error);
}

/// The names that a certificate is for, at most three: "chat.example, 10.0.0.1".
std::string namesOf(X509 *certificate)
{
    struct NamesDeleter
    {
        void operator()(GENERAL_NAMES *names) const { GENERAL_NAMES_free(names); }
    };
    const std::unique_ptr<GENERAL_NAMES, NamesDeleter> names(
        static_cast<GENERAL_NAMES *>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    constexpr int kShown = 3;
    std::string text;
    const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
    for (int i = 0; i < std::min(count, kShown); ++i) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names.get(), i);
        std::string one = "?";
        if (name->type == GEN_DNS) {
            one.assign(reinterpret_cast<const char *>(ASN1_STRING_get0_data(name->d.dNSName)),
                       static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
        } else if (name->type == GEN_IPADD) {
            std::array<char, INET6_ADDRSTRLEN> shown{};
            const int family = ASN1_STRING_length(name->d.iPAddress) == 4 ? AF_INET : AF_INET6;
            ::inet_ntop(family, ASN1_STRING_get0_data(name->d.iPAddress), shown.data(), shown.size());
            one = shown.data();
        }
        text += (i == 0 ? "" : ", ") + one;
    }
    if (count > kShown)
        text += " and " + std::to_string(count - kShown) + " more";
    return text.empty() ? "no name" : text;
}

/// OpenSSL calls it when the server offers to resume. It comes after the handshake where that is TLS 1.3.
int keepSession(SSL *ssl, SSL_SESSION *session)
{
    auto *learnt = static_cast<TlsSession::Learnt *>(SSL_get_app_data(ssl));
    if (learnt == nullptr)
        return 0;
    learnt->resumable.reset(session);
    return 1; // it is ours
}

/// OpenSSL calls it with each judgement of a certificate; a connection does not keep one that it refused.
int noteRefused(int isGood, X509_STORE_CTX *judged)
{
    if (isGood == 1)
        return 1;
    const auto *ssl =
        static_cast<const SSL *>(X509_STORE_CTX_get_ex_data(judged, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto *learnt = ssl != nullptr ? static_cast<TlsSession::Learnt *>(SSL_get_app_data(ssl)) : nullptr;
    if (learnt != nullptr && X509_STORE_CTX_get0_cert(judged) != nullptr)
        learnt->refusedNames = namesOf(X509_STORE_CTX_get0_cert(judged));
    return 0;
}

} // namespace

void SslDeleter::operator()(SSL *ssl) const
{
    SSL_free(ssl);
}

void SslDeleter::operator()(SSL_CTX *context) const
{
    SSL_CTX_free(context);
}

void SslDeleter::operator()(SSL_SESSION *session) const
{
    SSL_SESSION_free(session);
}

Result<std::shared_ptr<const TlsContext>> TlsContext::make(const TlsTrust &trust)
{
    ERR_clear_error();
    std::unique_ptr<SSL_CTX, SslDeleter> context(SSL_CTX_new(TLS_client_method()));
    if (!context)
        return Error{ErrorCode::Internal, "OpenSSL cannot be used: " + reasonOf(ERR_peek_last_error())};
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    // An idle connection keeps no buffers of 16 KiB. Many records are read by one system call.
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context.get(), 1);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context.get(), &keepSession);
    SSL_CTX_set_verify(context.get(), trust.isInsecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
                       trust.isInsecure ? nullptr : &noteRefused);
    if (!trust.isInsecure)
        SSL_CTX_set_default_verify_paths(context.get());
    if (!trust.caFile.empty() &&
        SSL_CTX_load_verify_locations(context.get(), trust.caFile.c_str(), nullptr) != 1) {
        std::error_code missing;
        const auto status = std::filesystem::status(trust.caFile, missing);
        const std::string why = missing                                        ? missing.message()
                                : std::filesystem::is_directory(status)        ? "it is a directory"
                                : ERR_GET_LIB(ERR_peek_error()) == ERR_LIB_SYS ? std::strerror(errno)
                                                                               : "it holds no certificate";
        ERR_clear_error();
        return Error{ErrorCode::BadRequest,
                     "--ca-file: cannot use " + trust.caFile + ": " + why + "; give certificates as PEM"};
    }
    return std::shared_ptr<const TlsContext>(new TlsContext(std::move(context)));
}

std::unique_ptr<SSL, SslDeleter> TlsContext::newConnection(int descriptor, const std::string &host) const
{
    std::unique_ptr<SSL, SslDeleter> ssl(SSL_new(m_context.get()));
    if (!ssl || SSL_set_fd(ssl.get(), descriptor) != 1)
        return nullptr;
    if (isAddressLiteral(host)) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), host.c_str());
    } else {
        std::string name = host; // SSL_set_tlsext_host_name() is a macro with a cast of C's
        SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
        SSL_set1_host(ssl.get(), host.c_str());
    }
    SSL_set_connect_state(ssl.get());
    return ssl;
}

} // namespace parlor::cli::load
