// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parlor {

/// Why a request was refused: the codes of docs/protocol.md section 7, in its order.
enum class ErrorCode : std::uint8_t {
    BadRequest,
    UnknownType,
    TooLarge,
    NotAuthenticated,
    AuthInvalid,
    TokenExpired,
    Forbidden,
    Banned,
    NameInvalid,
    NameTaken,
    RoomInvalid,
    RoomUnknown,
    RoomFull,
    TooManyRooms,
    NotInRoom,
    RateLimited,
    Unavailable,
    Internal,
};

/// A refusal: its code for programs, its text for people (what happened, to what, what to do).
struct Error
{
    ErrorCode code = ErrorCode::Internal;
    std::string text;
    std::optional<std::chrono::milliseconds> retryAfter{}; ///< set where waiting helps

    bool operator==(const Error &) const = default;
};

/// The code's name on the wire.
[[nodiscard]] std::string_view toString(ErrorCode code);
/// The code that has this name on the wire; nullopt for a name that this version does not know.
[[nodiscard]] std::optional<ErrorCode> errorCodeFromString(std::string_view name);
/// Whether the same request may succeed later without the user's doing.
[[nodiscard]] bool isRetryable(ErrorCode code);

} // namespace parlor
