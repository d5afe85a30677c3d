// SPDX-License-Identifier: MIT
#pragma once

#include "server/http/credential.h"
#include "server/http/requesthead.h"
#include "server/peer/tokenbucket.h"
#include "shared/websocket/reader.h"

#include <QHostAddress>

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

namespace parlor {

/// What one connection may do to its worker (docs/protocol.md section 9). 0 means none where it says so.
struct ConnectionLimits
{
    static constexpr std::size_t kPongsARead = 16;
    static constexpr std::size_t kOwnAnswers =
        256 * 1024; ///< bytes queued, past which its requests wait unread
    static constexpr std::chrono::milliseconds kCloseLinger{
        3'000}; ///< for the peer's part of a closing handshake
    static constexpr std::size_t kReadAfterClose =
        1024 * 1024; ///< bytes, in search of it: as much as may be under way
    static constexpr std::chrono::milliseconds kHttpLinger{1'000}; ///< for a client to read an HTTP response
    static constexpr std::size_t kHalfOpenMetrics = 64;            ///< as halfOpen, where only metrics are
    static constexpr std::chrono::milliseconds kHttpSend{10'000};  ///< for a client to take an HTTP response

    HeadLimits head{};
    std::chrono::milliseconds headTimeout{5'000}; ///< 0: none
    /// Connections without a whole head, or with an answer that was not read; past it the oldest goes.
    std::size_t halfOpen = 1'000;
    std::size_t halfOpenTls = 1'000; ///< as halfOpen, of those with TLS: each holds some 75 kB

    websocket::ReaderLimits reader{};
    std::chrono::milliseconds messageTimeout{10'000}; ///< 0: none
    RateLimit inbound{256 * 1024, 1024 * 1024};       ///< bytes
    std::size_t queueBytes = 1024 * 1024;             ///< 0: none
    std::uint64_t queueMemory = 1ULL << 30;           ///< bytes of all queues of a worker; 0: no limit
    std::chrono::milliseconds stallTimeout{10'000};   ///< 0: none
    std::chrono::milliseconds ping{25'000};           ///< 0: none
    std::chrono::milliseconds pongTimeout{10'000};    ///< 0: none

    std::vector<std::pair<QHostAddress, int>> trustedProxies{};
    CredentialField credential = CredentialField::None;
};

} // namespace parlor
