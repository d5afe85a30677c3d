// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/wire/tlscontext.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace parlor::cli::load {

/// TLS over one connected, non-blocking socket, as its client. It does what the socket allows at once; the
/// owner waits for the socket. Writing to a connection that was reset raises SIGPIPE, which the program
/// ignores. Owned by a connection; one thread.
class TlsSession
{
public:
    using Resumable = std::unique_ptr<SSL_SESSION, SslDeleter>;

    /// `earlier`: what takeResumable() gave of a connection to the same server, or nullptr.
    TlsSession(const TlsContext &context, int descriptor, const std::string &host, const Resumable &earlier);
    TlsSession(const TlsSession &) = delete;
    TlsSession &operator=(const TlsSession &) = delete;

    enum class Progress : std::uint8_t {
        Done,
        WantsRead,  ///< again once the socket is readable
        WantsWrite, ///< again once the socket is writable
        Ended,      ///< by the server
        Failed,     ///< failure() says why
    };
    struct Moved
    {
        Progress progress = Progress::Done;
        std::size_t bytes = 0; ///< where it is Done: one at least
    };

    [[nodiscard]] Progress shakeHands();
    [[nodiscard]] Moved read(std::span<char> buffer);
    /// Asked again after it wanted something, `bytes` must begin as they did.
    [[nodiscard]] Moved write(std::string_view bytes);
    /// Whether the server's bytes wait here: the socket does not tell of them any more.
    [[nodiscard]] bool hasPending() const;
    /// Tells the server that nothing follows.
    void end();

    [[nodiscard]] bool wasResumed() const;
    /// What the next connection of the same user shortens its handshake with; nullptr: the server offers
    /// none.
    [[nodiscard]] Resumable takeResumable() { return std::move(m_learnt->resumable); }
    /// For people, with what to do.
    [[nodiscard]] const std::string &failure() const { return m_failure; }

    /// What OpenSSL's callbacks say.
    struct Learnt
    {
        Resumable resumable{};
        std::string refusedNames{}; ///< whom a certificate was for that is not believed
    };

private:
    [[nodiscard]] Progress judge(int result);
    [[nodiscard]] std::string handshakeFailure(unsigned long error) const;

    std::unique_ptr<Learnt> m_learnt = std::make_unique<Learnt>(); ///< m_ssl points to it
    std::unique_ptr<SSL, SslDeleter> m_ssl;
    std::string m_host;
    std::string m_failure;
    bool m_isEstablished = false;
};

} // namespace parlor::cli::load
