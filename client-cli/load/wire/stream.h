// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/wire/target.h"
#include "client-cli/load/wire/tlssession.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace parlor::cli::load {

/// The bytes of a connection, over TCP or over TLS, non-blocking throughout; its owner waits for the socket.
/// It may be opened again after its end: what TLS can resume stays. Owned by a connection; one thread.
class Stream
{
public:
    Stream() = default;
    ~Stream() { close(); }
    Stream(const Stream &) = delete;
    Stream &operator=(const Stream &) = delete;

    /// Under way; it is connected once the socket is writable. `user`: its number, which chooses the address
    /// that it comes from. `target` outlives it.
    [[nodiscard]] Result<void> open(const Address &address, const Target &target, std::size_t user);

    enum class Step : std::uint8_t {
        Ready, ///< for read() and write()
        WaitsToRead,
        WaitsToWrite,
        Failed, ///< failure() says why
    };
    /// After open(), when the socket is ready for what it waits for: goes on, up to TLS's last message.
    [[nodiscard]] Step advance();
    [[nodiscard]] bool isConnected() const { return m_phase > Phase::Connecting; }
    [[nodiscard]] bool isSecuring() const { return m_phase == Phase::Securing; }

    /// What a read or a write came to.
    struct Moved
    {
        enum class Outcome : std::uint8_t { Some, NotNow, Ended, Failed };
        Outcome outcome = Outcome::NotNow;
        std::size_t bytes = 0; ///< of TLS, some may have come before it ended or failed
    };
    [[nodiscard]] Moved read(std::span<char> buffer);
    /// After less than all was taken, the rest must come first. A failure is the next read()'s.
    [[nodiscard]] std::size_t write(std::string_view bytes);
    /// Whether bytes wait that the socket does not tell of.
    [[nodiscard]] bool hasPending() const { return m_tls && m_tls->hasPending(); }

    [[nodiscard]] int descriptor() const { return m_descriptor; } ///< -1: it is closed
    [[nodiscard]] bool isTls() const { return m_tls != nullptr; }
    /// Whether TLS began where an earlier connection ended.
    [[nodiscard]] bool wasResumed() const { return m_tls && m_tls->wasResumed(); }
    /// For people, after Step::Failed or Outcome::Failed.
    [[nodiscard]] std::string failure() const { return m_failure ? *m_failure : std::string(); }
    void close();

private:
    enum class Phase : std::uint8_t { Closed, Connecting, Securing, Ready };

    [[nodiscard]] Step shakeHands();
    [[nodiscard]] Moved readTls(std::span<char> buffer);
    void fail(std::string why) { m_failure = std::make_unique<std::string>(std::move(why)); }

    std::unique_ptr<TlsSession> m_tls;
    TlsSession::Resumable m_resumable; ///< of the last connection
    std::unique_ptr<std::string> m_failure;
    const Target *m_target = nullptr;
    int m_descriptor = -1;
    Phase m_phase = Phase::Closed;
};

/// Refuses addresses that connections cannot come from, as they are not this machine's.
[[nodiscard]] Result<void> checkSources(const SourceAddresses &sources);

} // namespace parlor::cli::load
