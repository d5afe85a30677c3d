// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace parlor {

/// Why a connection was closed (RFC 6455 §7.4 and docs/protocol.md section 8).
enum class CloseCode : std::uint16_t {
    Normal = 1000,
    GoingAway = 1001,
    ProtocolError = 1002,
    UnsupportedData = 1003,
    NoStatus = 1005, ///< never on the wire: the peer's Close carried no code
    Abnormal = 1006, ///< never on the wire: the connection ended without a Close
    InvalidPayload = 1007,
    MessageTooBig = 1009,

    BadRequest = 4000,
    AuthInvalid = 4001,
    Forbidden = 4003,
    Banned = 4004,
    Kicked = 4005,
    Replaced = 4007,
    AuthDeadline = 4008,

    Overload = 4100,
    RateLimit = 4101,
    SlowConsumer = 4102,
    InternalError = 4103,

    Shutdown = 4200,
    NoPong = 4201,
    Resync = 4202,
    Rebalance = 4203,
};

/// What a client does after a close. The range decides, so that an old client copes with a new code.
enum class RetryPolicy {
    Never,        ///< done, or the same bytes would be refused again
    BackOff,      ///< reconnect with growing, jittered delays
    AdvisedDelay, ///< reconnect after the delay that the server named; without one, as BackOff
};

[[nodiscard]] RetryPolicy retryPolicy(std::uint16_t closeCode);
/// Whether RFC 6455 §7.4 lets this code stand in a Close frame.
[[nodiscard]] bool isValidOnWire(std::uint16_t closeCode);
/// Whether this code is a CloseCode.
[[nodiscard]] bool isKnown(std::uint16_t closeCode);
/// A few words for people; for a code without a name, those of its range.
[[nodiscard]] std::string_view describe(std::uint16_t closeCode);

} // namespace parlor
